import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RunFiles } from "../../../src/adapter.ts";
import { SourceError, systemCode } from "../../../src/errors.ts";
import type { ConsoleEvent } from "../../../src/model/event.ts";
import type { EventBatch } from "./event_batch.ts";
import { readSmallFile } from "../../../src/files/small_file.ts";
import { textLines } from "./text_lines.ts";

/** Lines are cut into parts of so many bytes. */
const longestLine = 1024 * 1024;
/** Of a traceback file that is longer, in bytes, only its line in the list of files is left. */
const longestError = 4 * 1024 * 1024;

/** Up to this version every line begins with its number. */
const numbered = /^0\.(?:1\.|2\.[0-4](?!\d))/;
const numberPrefix = /^(\d+) /;

/**
 * Passes on the terminal text in `console/`: a file per day, stdout and stderr together, without
 * times. Some clients (0.3.9, 0.5.9 and 0.6.1 among those seen) cut the last character off each
 * line; it stays lost.
 */
export async function* localConsole(
  root: string,
  files: Pick<RunFiles, "file">,
  batch: EventBatch,
  version: string | undefined,
): AsyncGenerator<void, void, undefined> {
  const isNumbered = version !== undefined && numbered.test(version);
  let line = 0;
  for (const name of await dayFiles(join(root, "console"))) {
    const stream = await openText(files, `console/${name}`);
    if (stream === undefined) continue;
    for await (const lines of textLines(stream, longestLine)) {
      for (const { content } of lines) {
        const text = content.toString("utf8");
        const prefix = isNumbered ? numberPrefix.exec(text) : null;
        line = prefix === null ? line + 1 : Number(prefix[1]);
        const shown = foldLine(text.slice(prefix?.[0].length ?? 0));
        batch.add(consoleEvent(batch, "stdout", shown, line));
      }
      yield;
    }
  }
  const error = await localError(files);
  if (error !== undefined) {
    batch.add(consoleEvent(batch, "error", error, line + 1));
  }
}

/** What the program died of, as `console/error.log` has it; undefined when it did not. */
export async function localError(
  files: Pick<RunFiles, "file">,
): Promise<string | undefined> {
  const read = await readSmallFile(files, "console/error.log", longestError);
  if (read === undefined || "problem" in read) return undefined;
  const text = read.content.toString("utf8").trimEnd();
  return text === "" ? undefined : text;
}

function consoleEvent(
  batch: EventBatch,
  stream: ConsoleEvent["stream"],
  text: string,
  line: number,
): ConsoleEvent {
  return { type: "console", seq: batch.next(), stream, text, line };
}

async function dayFiles(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => /^\d{4}-\d\d-\d\d\.log$/.test(name)).sort();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}

async function openText(
  files: Pick<RunFiles, "file">,
  path: string,
): Promise<ReadableStream<Uint8Array> | undefined> {
  try {
    return await files.file({ path });
  } catch (error) {
    if (error instanceof SourceError) return undefined;
    throw error;
  }
}

/** What a terminal shows of a line after its carriage returns. */
export function foldLine(line: string): string {
  if (!line.includes("\r")) return line;
  let shown = "";
  for (const part of line.split("\r")) shown = part + shown.slice(part.length);
  return shown;
}
