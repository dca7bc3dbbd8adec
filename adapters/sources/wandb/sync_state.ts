import type { RunFiles } from "../../../src/adapter.ts";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { readSmallFile } from "../../../src/files/small_file.ts";
import { type Integer, isObject } from "../../../src/model/json.ts";

/** More than that is none, in bytes. */
const longest = 4096;

/**
 * The step that W&B's own `sync` gave the first row of a run that was resumed offline, which it
 * notes beside the log from 0.28.2 on (wandb-format §1.2); undefined where there is no such note.
 */
export async function syncedFrom(
  files: Pick<RunFiles, "file">,
  log: string,
): Promise<Integer | undefined> {
  const read = await readSmallFile(files, `${log}.syncstate`, longest);
  if (read === undefined || !("content" in read)) return undefined;
  try {
    const state = parseLosslessJson(read.content.toString("utf8"));
    const step = isObject(state) ? state["starting_step"] : undefined;
    return typeof step === "number" && Number.isInteger(step) || typeof step === "bigint"
      ? step
      : undefined;
  } catch (error) {
    if (!(error instanceof MalformedJson)) throw error;
    return undefined;
  }
}
