import { Buffer } from "node:buffer";
import { basename, join } from "node:path";
import type { Context, Place, RunReader, Source, Tail } from "../../src/adapter.ts";
import { SourceError } from "../../src/errors.ts";
import { openFile } from "../../src/files/byte_source.ts";
import { runDirectory } from "../../src/files/run_directory.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunRef } from "../../src/model/run.ts";
import { type LogLine, logName, parseLog } from "./model_log.ts";

const writer = { tracker: "model", format: "lines" } as const;

/** Events are handed over so many at a time. */
const few = 2;

/** Reads the logs of the model tracker. */
export const modelSource: Source = {
  name: "model",
  recognise({ path, entries }: Place): Promise<readonly RunRef[]> {
    const isRun = entries.some(({ name, kind }) => name === logName && kind === "file");
    return Promise.resolve(isRun ? [{ source: "model", path, log: join(path, logName) }] : []);
  },
  open: openRun,
};

async function openRun({ path, log = "" }: RunRef, context: Context): Promise<RunReader> {
  const [first] = parseLog(await textOf(log));
  if (first?.type !== "run") throw new SourceError(`Cannot read ${log}: it names no run`);
  const { id, startedAt } = first;
  let tail: Tail | undefined;
  return {
    info: { source: "model", path, directory: basename(path), id, startedAt, writer },
    ...runDirectory(path, { followOutside: context.followOutside }),
    async *events(): AsyncGenerator<readonly RunEvent[]> {
      const text = await textOf(log);
      const isWhole = text.endsWith("\n");
      const lines = parseLog(text);
      const events = (isWhole ? lines : lines.slice(0, -1)).map(eventOf);
      for (let at = 0; at < events.length; at += few) yield events.slice(at, at + few);
      tail = isWhole ? undefined : { offset: 0, bytes: 1, reason: "a line is cut short" };
    },
    get tail(): Tail | undefined {
      return tail;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function eventOf(line: LogLine | undefined, seq: number): RunEvent {
  switch (line?.type) {
    case undefined:
      return { type: "gap", seq, offset: 0, bytes: 1, reason: "not a line" };
    case "run":
      return { type: "run", seq, id: line.id, startedAt: line.startedAt, writer };
    case "row":
      return { type: "history", seq, step: line.step, values: { loss: line.value } };
    case "finish":
      return { type: "finish", seq, state: "finished" };
  }
}

async function textOf(path: string): Promise<string> {
  await using file = await openFile(path);
  const content = Buffer.alloc(file.size);
  const bytes = await file.read(content, 0);
  return content.toString("utf8", 0, bytes);
}
