import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { line, logName } from "./lines_source.ts";
import type { Point, Sample } from "./source_subject.ts";

const steps = 40;

function points(): readonly Point[] {
  return [...Array(steps).keys()].flatMap((step): readonly Point[] => [
    ["loss", step, 1 / (step + 1)],
    ["name", step, `value ${step}`],
  ]);
}

/** Writes a run of the reference source into a directory. */
export function linesRun(directory: string): Sample {
  const path = join(directory, "run-1");
  mkdirSync(join(path, "files"), { recursive: true });
  writeFileSync(join(path, "files", "note.txt"), "a note\n");
  const writer = { tracker: "lines", format: "lines 1" };
  const rows = [...Array(steps).keys()].map((step) => ({
    type: "history",
    step,
    time: 1_700_000_000_000 + step,
    values: { loss: 1 / (step + 1), name: `value ${step}` },
  }));
  const events = [
    { type: "run", id: "one", writer },
    { type: "config", set: { rate: 0.1 } },
    ...rows,
    { type: "finish", state: "finished" },
  ];
  writeFileSync(join(path, logName), events.map(line).join(""));
  return { path, points: points() };
}

/** Writes what no source may claim into a directory; returns the paths. */
export function foreignPlaces(directory: string): readonly string[] {
  const empty = join(directory, "empty");
  const text = join(directory, "notes.txt");
  const named = join(directory, "run-2");
  mkdirSync(empty);
  mkdirSync(named);
  writeFileSync(text, "not a run\n");
  writeFileSync(join(named, "readme.txt"), "nor this\n");
  return [empty, text, named];
}
