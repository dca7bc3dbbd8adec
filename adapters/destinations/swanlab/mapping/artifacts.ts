import type { ArtifactEntry, ArtifactEvent } from "../../../../src/model/event.ts";
import type { Json, JsonObject } from "../../../../src/model/json.ts";
import { jsonBytes } from "./json_text.ts";
import type { Outbox } from "./outbox.ts";
import { plainObject } from "./plain_json.ts";
import { savedPath } from "./saved_path.ts";

/** Entries of one artifact that the metadata lists; a longer list is a saved file. */
const mostListed = 200;
/** Artifacts that the metadata describe; further ones are in their saved files only. */
const mostDescribed = 200;

/** Artifacts as saved files, with a description of each in the metadata. */
export class ArtifactMapping<Series> {
  readonly #outbox: Outbox<Series>;
  /** How many artifacts of a name there were. */
  readonly #versions = new Map<string, number>();
  readonly #described: JsonObject[] = [];

  constructor(outbox: Outbox<Series>) {
    this.#outbox = outbox;
  }

  map(event: ArtifactEvent): void {
    const { seq, name, entries } = event;
    const version = this.#versions.get(name) ?? 0;
    this.#versions.set(name, version + 1);
    const folder = savedPath(`artifacts/${name}${version === 0 ? "" : `@${version}`}`);
    for (const { path, file } of entries) {
      if (file === undefined) continue;
      this.#outbox.file({ path: `${folder}/${savedPath(path)}`, content: { file }, seq });
    }
    const whole = describe(event, folder, entries);
    const listed = entries.length <= mostListed && this.#described.length < mostDescribed;
    if (!listed) {
      const path = `${folder}.json`;
      this.#outbox.file({ path, content: { bytes: jsonBytes(whole) }, seq });
      if (this.#described.length < mostDescribed) {
        this.#described.push({ ...whole, entries: entries.length, list: path });
      }
    } else this.#described.push(whole);
  }

  /** What the metadata tell. */
  result(): readonly Json[] {
    return this.#described;
  }
}

function describe(
  { direction, kind, name, aliases, description, metadata }: ArtifactEvent,
  folder: string,
  entries: readonly ArtifactEntry[],
): JsonObject {
  return {
    direction,
    kind,
    name,
    aliases,
    ...(description === undefined ? {} : { description }),
    metadata: plainObject(metadata),
    entries: entries.map(({ path, digest, bytes, ref, file }) => ({
      path,
      ...(digest === undefined ? {} : { digest }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(ref === undefined ? {} : { ref }),
      ...(file === undefined ? {} : { saved: `${folder}/${savedPath(path)}` }),
    })),
  };
}
