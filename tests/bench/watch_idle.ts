import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import process from "node:process";
import { start } from "../e2e/binary.ts";
import { startedAt } from "../generate/generated_run.ts";
import { writePart } from "../generate/run_part.ts";
import { cpuOf, peakOf, residentOf } from "./measure.ts";

/** What it costs to watch runs that do not go on. */
export interface IdleCost {
  readonly runs: number;
  /** Seconds until each of them was read and told to be stale, and those of all processors. */
  readonly seconds: number;
  readonly cpu: number;
  /** From then on, seconds of all processors a second. */
  readonly share: number;
  /** Memory at most and at the end, in bytes. */
  readonly peak: number;
  readonly resident: number;
  /** Seconds from SIGTERM to its end. */
  readonly ending: number;
}

const trackers = ["swanlab", "wandb"] as const;
/** Seconds that what was begun gets to come to rest. */
const settling = 5;

/** Makes so many runs that were broken off long ago and returns the folder of all. */
export function makeIdleRuns(directory: string, count: number): string {
  const place = join(directory, "idle");
  for (let number = 0; number < count; number++) {
    const tracker = trackers[number % 2] ?? "swanlab";
    const folder = join(place, `user-${number % 10}`, tracker === "wandb" ? "wandb" : "swanlog");
    mkdirSync(folder, { recursive: true });
    const id = `idle${number}`;
    const path = writePart({
      tracker,
      directory: folder,
      id,
      startedAt: startedAt + number * 60_000,
      steps: [0, 200],
      loss: 1,
      ended: false,
    });
    utimesSync(join(path, `run-${id}.${tracker}`), startedAt / 1000, startedAt / 1000);
  }
  return place;
}

/** Watches idle runs for so many seconds; `words` say where they go. */
export async function measureIdle(
  { place, runs, words, directory, watched }: {
    readonly place: string;
    readonly runs: number;
    readonly words: readonly string[];
    readonly directory: string;
    readonly watched: number;
  },
): Promise<IdleCost> {
  const state = join(directory, "state");
  const began = performance.now();
  const child = start(["watch", place, ...words, "--state", state, "--json"], { cwd: directory });
  child.stderr?.pipe(process.stderr);
  await staleLines(child, runs);
  const seconds = (performance.now() - began) / 1000;
  const cpu = cpuOf(child.pid);
  await setTimeout(settling * 1000);
  const before = cpuOf(child.pid);
  await setTimeout(watched * 1000);
  const share = (cpuOf(child.pid) - before) / watched;
  const [peak, resident] = [peakOf(child.pid), residentOf(child.pid)];
  const asked = performance.now();
  child.kill("SIGTERM");
  await once(child, "close");
  return { runs, seconds, cpu, share, peak, resident, ending: (performance.now() - asked) / 1000 };
}

/** Waits until so many runs are told to be stale. */
async function staleLines({ stdout }: ChildProcess, count: number): Promise<void> {
  if (stdout === null) throw new Error("there is no output");
  let told = 0;
  const lines = createInterface({ input: stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      if (JSON.parse(line).stale === true && ++told === count) resolve();
    });
    lines.on("close", () => reject(new Error(`the watch ended after ${told} runs`)));
  });
}
