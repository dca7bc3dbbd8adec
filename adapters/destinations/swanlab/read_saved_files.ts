import { arrayOf, numberOf, objectOf, textOf } from "./json_reply.ts";
import { notOffered, type RunPlace } from "./run_place.ts";

/** A saved file at a host. */
export interface HeldFile {
  /** Bytes. */
  readonly size: number;
  readonly md5: string;
  readonly sha256?: string;
}

/**
 * The saved files of a run by path; undefined for a host that cannot list them, as all but our own
 * are (swanlab-api §6).
 */
export async function readSavedFiles(
  { session, run }: RunPlace,
): Promise<ReadonlyMap<string, HeldFile> | undefined> {
  const reply = await session.call({
    method: "GET",
    path: `/experiment/${encodeURIComponent(run.id)}/files`,
    what: `list saved files of the run ${run.id}`,
    accept: notOffered,
  });
  const { files } = objectOf(reply.value);
  if (notOffered.includes(reply.status) || !Array.isArray(files)) return undefined;
  const held = new Map<string, HeldFile>();
  for (const file of arrayOf(files).map(objectOf)) {
    const path = textOf(file["path"]);
    if (path === undefined || file["state"] !== "UPLOADED") continue;
    const sha256 = textOf(file["sha256"]);
    held.set(path, {
      size: numberOf(file["size"]) ?? -1,
      md5: textOf(file["md5"]) ?? "",
      ...(sha256 === undefined ? {} : { sha256 }),
    });
  }
  return held;
}
