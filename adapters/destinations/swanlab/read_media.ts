import type { LosslessValue } from "../../../src/codec/lossless_json.ts";
import { mediaIdentity } from "./item_text.ts";
import { arrayOf, numberOf, objectOf, textOf } from "./json_reply.ts";
import { columnRefs, notOffered, parts, type RunPlace } from "./run_place.ts";
import { SeriesTally } from "./series_tally.ts";
import type { StepSet } from "./step_set.ts";

/** Keys of one question. */
const mostKeys = 16;

/** What a host has of one media key. */
export interface HeldMedia {
  readonly tally: SeriesTally;
  /** What it has at some steps only. */
  tallyOf(only: StepSet): SeriesTally;
}

class MediaPoints implements HeldMedia {
  readonly tally: SeriesTally = new SeriesTally();
  readonly #points: { readonly step: number; readonly time: number; readonly text: string }[] = [];

  /** Adds a point as the host tells it: `text` is its identity, `time` NaN where it tells none. */
  add(step: number, time: number, text: string): void {
    this.tally.addText(step, time, text);
    this.#points.push({ step, time, text });
  }

  tallyOf(only: StepSet): SeriesTally {
    const tally = new SeriesTally(only);
    for (const { step, time, text } of this.#points) tally.addText(step, time, text);
    return tally;
  }
}

/** What is wanted of media points. */
export interface MediaQuestion {
  readonly keys: readonly string[];
  /** Whether only points since the run was made count. */
  readonly bounded?: boolean;
}

/** Every media point that a host has of some keys; undefined for a host that cannot list them. */
export async function readMedia(
  place: RunPlace,
  { keys, bounded = true }: MediaQuestion,
): Promise<ReadonlyMap<string, HeldMedia> | undefined> {
  const found = new Map<string, HeldMedia>();
  for (const some of parts(keys, mostKeys)) {
    const reply = await place.session.call({
      method: "POST",
      path: "/house/metrics/f_media",
      body: JSON.stringify({
        projectId: place.project.id,
        columns: columnRefs(place, some, bounded),
      }),
      what: `read back media of the run ${place.run.id}`,
      accept: notOffered,
    });
    if (notOffered.includes(reply.status) || !Array.isArray(reply.value)) return undefined;
    for (const entry of arrayOf(reply.value)) {
      const key = textOf(objectOf(entry)["key"]);
      if (key === undefined) continue;
      const held = readPoints(arrayOf(objectOf(entry)["metrics"]));
      if (held.tally.steps.size > 0) found.set(key, held);
    }
  }
  return found;
}

function readPoints(points: readonly LosslessValue[]): HeldMedia {
  const held = new MediaPoints();
  for (const value of points) {
    const point = objectOf(value);
    const step = numberOf(point["index"]);
    if (step === undefined) continue;
    const data = arrayOf(point["data"]).map((item) => typeof item === "string" ? item : "");
    const more = arrayOf(point["more"]);
    const captions = data.map((_, at) => textOf(objectOf(more[at])["caption"]));
    held.add(step, numberOf(point["timestamp"]) ?? NaN, mediaIdentity({ data, captions }));
  }
  return held;
}
