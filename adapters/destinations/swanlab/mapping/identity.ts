import type { IdentityEvent } from "../../../../src/model/event.ts";
import type { MutableJsonObject } from "../../../../src/model/json.ts";
import { shortHash } from "./key_rules.ts";
import type { Losses } from "./losses.ts";
import type { Identity, Outbox } from "./outbox.ts";
import { palette } from "./palette.ts";

/** What SwanLab takes at most, in characters (swanlab-api §3.4). */
const longest = { name: 512, description: 1024, label: 512, group: 512, jobType: 512 } as const;
/** Labels of a run. */
const mostLabels = 30;

const hexColor = /^#[0-9a-fA-F]{6}$/;

/** Who the run is. What is over SwanLab's limits is cut, and whole in the metadata. */
export class IdentityMapping<Series> {
  readonly #outbox: Outbox<Series>;
  readonly #losses: Losses;
  readonly #own: boolean;
  #whole: Omit<IdentityEvent, "type" | "seq"> | undefined;
  /** The texts that had to be cut, as they were. */
  #cut: MutableJsonObject = {};

  /** `own` tells that the run is SwanLab's, whose labels its client has judged already. */
  constructor(outbox: Outbox<Series>, losses: Losses, own: boolean) {
    this.#outbox = outbox;
    this.#losses = losses;
    this.#own = own;
  }

  /** All that is known of the run so far. */
  get whole(): Omit<IdentityEvent, "type" | "seq"> | undefined {
    return this.#whole;
  }

  /** The texts that were too long, by their field. */
  get cut(): MutableJsonObject {
    return this.#cut;
  }

  map(event: IdentityEvent): void {
    this.#whole = { ...this.#whole, ...event };
    this.#cut = {};
    const { name = event.id, description, group, jobType } = this.#whole;
    const { seq } = event;
    const labels = this.#labels(seq);
    this.#outbox.identity({
      ...this.#text(seq, "name", name),
      ...this.#text(seq, "description", description),
      ...this.#text(seq, "group", group),
      ...this.#text(seq, "jobType", jobType),
      ...(labels === undefined ? {} : { labels }),
      colors: this.#colors(),
    });
  }

  #text(
    seq: number,
    field: "name" | "description" | "group" | "jobType",
    text: string | undefined,
  ): Pick<Identity, typeof field> {
    if (text === undefined || text === "") return {};
    const short = shortened(text, longest[field]);
    if (short !== text) {
      this.#cut[field] = text;
      this.#losses.converted(seq, `the ${words[field]} was cut, and is whole in the metadata`);
    }
    return { [field]: short };
  }

  #labels(seq: number): readonly string[] | undefined {
    const tags = this.#whole?.tags;
    if (tags === undefined || this.#own) return tags;
    const labels = [...new Set(tags.filter((tag) => tag !== ""))]
      .map((tag) => shortened(tag, longest.label)).slice(0, mostLabels);
    if (tags.some((tag) => tag !== "" && !labels.includes(tag))) {
      this.#cut["tags"] = tags;
      this.#losses.converted(seq, "the tags were cut, and are whole in the metadata");
    }
    return labels;
  }

  /** The run's own colour, else one of SwanLab's that is always the same for this run. */
  #colors(): readonly [string, string] {
    const { color = [], id = "" } = this.#whole ?? {};
    const [light = "", dark = light] = typeof color === "string" ? [color] : color;
    if (hexColor.test(light) && hexColor.test(dark)) return [light, dark];
    const place = Number.parseInt(shortHash(id), 16) % palette.length;
    const own = palette[place] ?? "#528d59";
    return [own, own];
  }
}

const words = {
  name: "name",
  description: "description",
  group: "group",
  jobType: "job type",
} as const;

/** The first so many characters of a text, none of them halved. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  return [...text].slice(0, length).join("");
}
