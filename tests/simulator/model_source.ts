import { Buffer } from "node:buffer";
import { basename, join } from "node:path";
import type {
  Context,
  EventOptions,
  Place,
  Rest,
  RunReader,
  Source,
  Tail,
} from "../../src/adapter.ts";
import { SourceError } from "../../src/errors.ts";
import { openFile } from "../../src/files/byte_source.ts";
import { runDirectory } from "../../src/files/run_directory.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunRef } from "../../src/model/run.ts";
import { type LogLine, logName, parseLog } from "./model_log.ts";

const writer = { tracker: "model", format: "lines" } as const;

/** Events are handed over so many at a time. */
const few = 2;

const cutTail = { offset: 0, bytes: 1, reason: "a line is cut short" } as const;

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
    async *events({ follow }: EventOptions = {}): AsyncGenerator<readonly RunEvent[]> {
      let lines = 0;
      for (let rest: Rest = "grown";; rest = await follow()) {
        const text = await textOf(log);
        const whole = text.slice(0, text.lastIndexOf("\n") + 1);
        const events = parseLog(whole).map(eventOf);
        for (; lines < events.length; lines += few) yield events.slice(lines, lines + few);
        lines = events.length;
        const isOver = rest === "end" || rest === "quiet" && events.at(-1)?.type === "finish";
        tail = whole === text ? undefined : cutTail;
        if (follow === undefined || isOver) return;
      }
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
