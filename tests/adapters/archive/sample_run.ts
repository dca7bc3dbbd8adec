import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { RunReader } from "../../../src/adapter.ts";
import { type RunDirectory, runDirectory } from "../../../src/files/run_directory.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { RunInfo } from "../../../src/model/run.ts";

/** Events of any type without their `seq`. */
export type Unnumbered = RunEvent extends infer Event
  ? Event extends RunEvent ? Omit<Event, "seq"> : never
  : never;

/** Gives each event its place. */
export function numbered(events: readonly Unnumbered[]): readonly RunEvent[] {
  return events.map((event, seq) => ({ ...event, seq }) as RunEvent);
}

/** What the run is made of; each part may be replaced. */
export interface RunParts {
  readonly info?: Partial<RunInfo>;
  readonly events?: readonly RunEvent[];
  readonly followOutside?: boolean;
  /** Replaces what reads the directory. */
  readonly files?: Partial<RunDirectory>;
}

const writer = { tracker: "lines", format: "lines 1" };

/** A run over a directory of real files, with the given events. */
export function runOf(directory: string, parts: RunParts = {}): RunReader {
  const { followOutside = false, events = sampleEvents() } = parts;
  const files = { ...runDirectory(directory, { followOutside }), ...parts.files };
  return {
    ...files,
    info: {
      source: "lines",
      path: directory,
      directory: basename(directory),
      id: "id-1",
      project: "project",
      startedAt: 1_700_000_000_123,
      writer,
      ...parts.info,
    },
    tail: undefined,
    async *events(): AsyncGenerator<readonly RunEvent[]> {
      for (let at = 0; at < events.length; at += 7) yield await events.slice(at, at + 7);
    },
    [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve(),
  };
}

/** The first `rows` rows of a run with every kind of event. */
export function sampleEvents(rows = 20): readonly RunEvent[] {
  const front: readonly Unnumbered[] = [
    { type: "run", id: "id-1", writer },
    { type: "config", set: { rate: 0.1, big: 2n ** 80n, deep: { list: [1, NaN, -0] } } },
    { type: "metric", key: "loss", kind: "scalar" },
    {
      type: "media",
      step: 1,
      key: "picture",
      kind: "image",
      items: [{ file: { path: "files/picture.png" }, caption: "a" }],
    },
    { type: "file", name: "note", file: { path: "files/note.txt" }, purpose: "saved" },
  ];
  const body = [...Array(rows).keys()].flatMap((step): readonly Unnumbered[] => [
    {
      type: "history",
      step,
      time: 1_700_000_000_000 + step,
      values: { loss: 1 / step, accuracy: step % 3 === 0 ? NaN : step },
    },
    { type: "history", step, values: { name: `row ${step}`, loss: 2 ** 60 } },
    { type: "system", time: 1_700_000_000_000 + step, values: { "cpu": step } },
    { type: "console", stream: "stdout", text: `line ${step}`, line: step + 1 },
  ]);
  return numbered([...front, ...body]);
}

/** Writes the run directory that the sample events point into; returns its path. */
export function writeRunDirectory(parent: string, name = "run-1"): string {
  const path = join(parent, name);
  mkdirSync(join(path, "files", "empty"), { recursive: true });
  writeFileSync(join(path, "files", "picture.png"), new Uint8Array(70_000).fill(7));
  writeFileSync(join(path, "files", "note.txt"), "a note\n");
  writeFileSync(join(path, "log"), "the log\n".repeat(100));
  symlinkSync("files/note.txt", join(path, "link"));
  return path;
}
