import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startedAt } from "../../generate/generated_run.ts";
import { type RunPart, writePart } from "../../generate/run_part.ts";
import { changes, type Done, key, type Scene, type ServedHost, user } from "./scene.ts";

const options = ["-k", key, "-w", user, "-p", "p", "--json"];
const hour = 3_600_000;

/** Parts of one run, an hour apart; each logs its own number as the loss. */
export function parts(
  { work }: Scene,
  tracker: RunPart["tracker"],
  all: readonly Pick<RunPart, "steps" | "online" | "valEvery" | "ended">[],
): readonly string[] {
  const directory = join(work, "runs");
  mkdirSync(directory, { recursive: true });
  return all.map((part, at) =>
    writePart({
      tracker,
      directory,
      id: "family",
      startedAt: startedAt + at * hour,
      loss: at + 1,
      ...part,
    })
  );
}

/** A run that was resumed 50 steps back. */
export const rollback = [{ steps: [0, 99] }, { steps: [50, 149], valEvery: 7 }] as const;

/** Runs `sync` and makes sure of its exit code. */
export async function sync(
  { run }: Scene,
  { url }: ServedHost,
  paths: readonly string[],
  { code = 0, more = [] }: { readonly code?: number; readonly more?: readonly string[] } = {},
): Promise<Done> {
  const done = await run(["sync", ...paths, "-h", url, ...options, ...more]);
  assert.equal(done.code, code, done.stdout + done.stderr);
  return done;
}

/** Makes sure that nothing is left to be done, and that all is as it should be. */
export async function assertSettled(
  scene: Scene,
  host: ServedHost,
  paths: readonly string[],
  { code = 0, more = [] }: { readonly code?: number; readonly more?: readonly string[] } = {},
): Promise<void> {
  const again = await sync(scene, host, paths, { code, more });
  assert.deepEqual(changes(again.passed), []);
  assert.deepEqual(statuses(again).filter((status) => status === "failed"), []);
  const words = ["verify", ...paths, "-h", host.url, ...options, ...more];
  const verified = await scene.run(words);
  assert.equal(verified.code, code, verified.stdout);
}

/** What became of the runs. */
export function statuses({ runs }: Done): readonly unknown[] {
  return runs.map(({ status }) => status);
}

/** Which part the steps of a key are from, and how many, as "1: 0-59 (60), 2: 60-119 (60)". */
export async function whose(host: ServedHost, name: string): Promise<string> {
  assert.deepEqual(await host.ids("p"), ["family"]);
  const points = [...(await host.facts("p")).group(`scalar ${name}`)]
    .map(([step, value]) => [Number(step.slice("step ".length)), value.split(" ")[0]] as const)
    .toSorted(([left], [right]) => left - right);
  const spans: { part: string; first: number; last: number; count: number }[] = [];
  for (const [step, part = ""] of points) {
    const span = spans.at(-1);
    if (span?.part !== part) spans.push({ part, first: step, last: step, count: 1 });
    else {
      span.last = step;
      span.count++;
    }
  }
  return spans.map(({ part, first, last, count }) => `${part}: ${first}-${last} (${count})`)
    .join(", ");
}

/** The points of each run that were left to other parts. */
export function losses({ runs }: Done): readonly string[] {
  return runs.flatMap(({ losses }) =>
    (losses as readonly { kind: string; reason: string; count: number }[])
      .filter(({ reason }) => reason.includes("this step"))
      .map(({ kind, reason, count }) => `${kind} ${count}: ${reason.split(" of the run")[0]}`)
  );
}

/** Ways to sync the same parts. */
export const ways:
  readonly (readonly [string, (paths: readonly string[]) => readonly string[][]])[] = [
    ["together", (paths) => [[...paths]]],
    ["together with --jobs 4", (paths) => [[...paths, "--jobs", "4"]]],
    ["one by one", (paths) => paths.map((path) => [path])],
    ["in two commands", (paths) => [paths.slice(0, 2), [...paths]]],
    ["in any order of their paths", (paths) => [paths.toReversed()]],
  ];
