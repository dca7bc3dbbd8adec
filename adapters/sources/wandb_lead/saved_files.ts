import picomatch from "picomatch";
import type { RunFiles } from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import type { FileEvent } from "../../../src/model/event.ts";
import type { SourceEntry } from "../../../src/model/file.ts";
import type { EventList } from "./event_list.ts";
import type { RegisteredFile } from "./files_record.ts";
import { generated } from "./side_files.ts";

const folder = "files/";

/**
 * Passes on the saved files of a run: what lies in `files/` and was neither made by the client
 * itself nor named by an event before, and what was registered for upload and is missing.
 */
export async function passOnSaved(
  files: Pick<RunFiles, "entries">,
  registered: readonly RegisteredFile[],
  named: ReadonlySet<string>,
  events: EventList,
): Promise<void> {
  const present = new Set<string>();
  try {
    for await (const entry of files.entries()) {
      if (entry.kind === "directory" || !entry.path.startsWith(folder)) continue;
      const name = entry.path.slice(folder.length);
      present.add(name);
      if (!generated.has(name) && !named.has(entry.path)) events.add(saved(name, entry));
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    events.add({ type: "gap", offset: 0, bytes: 0, reason: error.message });
  }
  const missing = new Set(
    registered.map(({ path }) => path).filter((path) => !isThere(path, present)),
  );
  for (const name of missing) {
    if (generated.has(name) || named.has(folder + name) || named.has(folder + plain(name))) {
      continue;
    }
    const path = folder + name;
    events.add({ type: "file", name, file: { path }, purpose: purposeOf(name) });
  }
}

function saved(name: string, entry: SourceEntry): Omit<FileEvent, "seq"> {
  const size = entry.kind === "file" ? { bytes: entry.bytes } : {};
  return { type: "file", name, file: { path: entry.path, ...size }, purpose: purposeOf(name) };
}

/** Whether a registered path names a file that is there: as it stands, unescaped, or as a pattern. */
function isThere(path: string, present: ReadonlySet<string>): boolean {
  if (present.has(path) || present.has(plain(path))) return true;
  if (!/[*?[]/.test(path)) return false;
  const matches = picomatch(path, { dot: true, noextglob: true, nobrace: true });
  for (const name of present) if (matches(name)) return true;
  return false;
}

/** Undoes the escaping of globs, which clients applied to plain names up to 0.19.7. */
function plain(path: string): string {
  return path.replace(/\[([[*?])\]/g, "$1");
}

function purposeOf(name: string): FileEvent["purpose"] {
  if (name.startsWith("code/") || name.endsWith(".patch")) return "code";
  return name.endsWith(".log") ? "log" : "saved";
}
