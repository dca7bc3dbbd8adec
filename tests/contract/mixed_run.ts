import type { RunEvent } from "../../src/model/event.ts";
import { eventsOf, type MemoryRun, type Unnumbered } from "./memory_run.ts";

const start = 1_700_000_000_000;

/** What the program logs at one step. */
function logged(step: number): readonly Unnumbered[] {
  const time = start + step;
  const items = [{ file: { path: `files/${step % 2}.png` }, caption: `picture ${step}` }];
  return [
    { type: "history", step, time, values: { loss: 1 / (step + 1), note: `text ${step}` } },
    { type: "media", step, time, key: "picture", kind: "image", items },
    { type: "system", step, time, values: { "cpu.0": step / 10 } },
    { type: "console", time, stream: "stdout", text: `line ${step}`, line: step + 1 },
  ];
}

function saved(name: string): Unnumbered {
  return { type: "file", name, file: { path: `files/${name}` }, purpose: "saved" };
}

/** A run of one directory in some state. */
function mixed(events: readonly Unnumbered[], stamp: string): MemoryRun {
  return {
    events: eventsOf(events),
    files: new Map([
      ["files/0.png", "even"],
      ["files/1.png", "odd"],
      ["files/note.txt", "a note\n"],
      ["files/model.bin", "a model\n"],
      ["files/more.txt", "more\n"],
    ]),
    stamp,
  };
}

const config: Unnumbered = { type: "config", set: { rate: 0.1 } };
const finish: Unnumbered = { type: "finish", time: start + 99, state: "finished" };
const steps: readonly number[] = [...Array(10).keys()];

/** A run with something of every kind that may arrive in part, and a time for all of it. */
export const mixedRun: MemoryRun = mixed(
  [config, ...steps.flatMap(logged), saved("note.txt"), saved("model.bin"), finish],
  "mixed",
);

/** The same run, earlier. */
export const youngMixedRun: MemoryRun = mixed(
  [config, ...steps.slice(0, 6).flatMap(logged), saved("note.txt")],
  "young",
);

/** The same run, while most of it was lost on the way: parts of its middle too. */
export const holedMixedRun: MemoryRun = mixed(
  [config, ...steps.filter((step) => step % 3 !== 1).flatMap(logged), saved("model.bin")],
  "holed",
);

/** A run that does not go into one request, whatever a request may be. */
export const longRun: MemoryRun = {
  events: eventsOf([
    config,
    ...Array.from({ length: 12_000 }, (_, step): Unnumbered => ({
      type: "history",
      step,
      time: start + step,
      values: { loss: 1 / (step + 1) },
    })),
    finish,
  ]),
  stamp: "long",
};

/** The run with other events. */
function withEvents(change: (event: RunEvent) => readonly Unnumbered[]): MemoryRun {
  return { ...mixedRun, events: eventsOf(mixedRun.events.slice(1).flatMap(change)) };
}

/** The run with another event in place of one. */
function instead<Type extends RunEvent["type"]>(
  type: Type,
  change: (event: Extract<RunEvent, { readonly type: Type }>) => Unnumbered,
): MemoryRun {
  let done = false;
  return withEvents((event) => {
    // Not the very first, at whose place defaults might stand.
    if (done || event.type !== type || "step" in event && event.step !== 4) return [event];
    done = true;
    return [change(event as Extract<RunEvent, { readonly type: Type }>)];
  });
}

/** The run with one event more. */
function withMore(more: Unnumbered): MemoryRun {
  return withEvents((event) => event.type === "finish" ? [more, event] : [event]);
}

function withFile(path: string, content: string): MemoryRun {
  return { ...mixedRun, files: new Map([...mixedRun.files ?? [], [path, content]]) };
}

/** Runs that differ from the mixed run in one thing each. */
export const changedRuns: ReadonlyMap<string, MemoryRun> = new Map([
  [
    "another value",
    instead("history", (row) => ({ ...row, values: { ...row.values, loss: 0.25 } })),
  ],
  [
    "another text",
    instead("history", (row) => ({ ...row, values: { ...row.values, note: "other" } })),
  ],
  ["another time", instead("history", (row) => ({ ...row, time: start + 5000 }))],
  ["another step", instead("history", (row) => ({ ...row, step: 1000 }))],
  [
    "one more point",
    withMore({ type: "history", step: 10, time: start + 10, values: { loss: 0 } }),
  ],
  ["one more key", withMore({ type: "history", step: 9, time: start + 9, values: { more: 0 } })],
  [
    "another caption",
    instead("media", (point) => ({
      ...point,
      items: point.items.map((item) => ({ ...item, caption: "other" })),
    })),
  ],
  ["another picture", withFile("files/0.png", "evil")],
  ["one more picture", withMore(logged(10)[1] ?? finish)],
  ["another sample", instead("system", (row) => ({ ...row, values: { "cpu.0": 1 } }))],
  ["one more sample", withMore(logged(10)[2] ?? finish)],
  ["another line", instead("console", (line) => ({ ...line, text: "other" }))],
  ["one more line", withMore(logged(10)[3] ?? finish)],
  ["another config", instead("config", () => ({ type: "config", set: { rate: 0.2 } }))],
  ["another saved file", withFile("files/note.txt", "a nope\n")],
  ["one more saved file", withMore(saved("more.txt"))],
  ["another end", instead("finish", () => ({ ...finish, state: "failed" }))],
]);
