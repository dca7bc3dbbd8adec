/**
 * The reference source: the smallest format that can keep every promise. A run directory holds
 * `log.lines`; each line is the CRC-32 of a JSON text as 8 hex digits, a space, and the text, which
 * is an event without its `seq`.
 */
import { open, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { crc32 } from "node:zlib";
import type { Context, Place, RunReader, Source, Tail } from "../../src/adapter.ts";
import { SourceError } from "../../src/errors.ts";
import { runDirectory } from "../../src/files/run_directory.ts";
import type { IdentityEvent, RunEvent } from "../../src/model/event.ts";
import type { RunRef } from "../../src/model/run.ts";

/** Name of the log in a run directory. */
export const logName = "log.lines";

const writer = { tracker: "lines", format: "lines 1" } as const;

/** An event as a line of the log. */
export function line(event: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(event);
  return `${checksum(text)} ${text}\n`;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

interface Log {
  readonly events: readonly RunEvent[];
  readonly tail: Tail | undefined;
}

/** Reads a log; what it does not say of the run comes from the directory's name. */
function parse(bytes: Uint8Array, directory: string): Log {
  const events: RunEvent[] = [];
  let offset = 0;
  let tail: Tail | undefined;
  for (const text of new TextDecoder("latin1").decode(bytes).split(/(?<=\n)/)) {
    const event = text.endsWith("\n") ? parseLine(text, bytes, offset) : undefined;
    const size = text.length;
    if (event !== undefined) events.push(event);
    else if (text.endsWith("\n")) {
      events.push({ type: "gap", seq: 0, offset, bytes: size, reason: "bad checksum" });
    } else if (size > 0) tail = { offset, bytes: size, reason: "a line is cut short" };
    offset += size;
  }
  if (bytes.length === 0) tail = { offset: 0, bytes: 0, reason: "the log is empty" };
  const identity: IdentityEvent = { type: "run", seq: 0, id: directory, writer };
  const all = events[0]?.type === "run" ? events : [identity, ...events];
  return { events: all.map((event, seq) => ({ ...event, seq })), tail };
}

function parseLine(text: string, bytes: Uint8Array, offset: number): RunEvent | undefined {
  const start = offset + 9;
  const json = new TextDecoder().decode(bytes.subarray(start, offset + text.length - 1));
  return text.slice(0, 9) === `${checksum(json)} ` ? JSON.parse(json) : undefined;
}

async function openRun(ref: RunRef, context: Context): Promise<RunReader> {
  const log = ref.log ?? join(ref.path, logName);
  const directory = basename(ref.path);
  const { events: [first] } = parse(await readFile(log), directory);
  if (first?.type !== "run") throw new SourceError(`Cannot read ${log}: it has no run`);
  let tail: Tail | undefined;
  return {
    info: { source: "lines", path: ref.path, directory, id: first.id, writer: first.writer },
    ...runDirectory(ref.path, { followOutside: context.followOutside }),
    async *events(): AsyncGenerator<readonly RunEvent[]> {
      await using handle = await open(log);
      const read = parse(await handle.readFile(), directory);
      for (let at = 0; at < read.events.length; at += 10) yield read.events.slice(at, at + 10);
      tail = read.tail;
    },
    get tail(): Tail | undefined {
      return tail;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The reference source. */
export const lines: Source = {
  name: "lines",
  recognise({ path, entries }: Place): Promise<readonly RunRef[]> {
    const found = entries.some(({ name, kind }) => name === logName && kind === "file");
    return Promise.resolve(found ? [{ source: "lines", path, log: join(path, logName) }] : []);
  },
  open: openRun,
};
