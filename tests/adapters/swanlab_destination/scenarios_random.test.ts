import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { Dice } from "../../generate/dice.ts";
import type { RunPart } from "../../generate/run_part.ts";
import { parts } from "./family_scene.ts";
import { changes, inScene, key, type Scene, type ServedHost, user } from "./scene.ts";

const options = ["-k", key, "-w", user, "-p", "p", "--json"];

/** What one part logs, and where it went. */
interface Part {
  readonly steps: readonly [first: number, last: number];
  readonly valEvery: number;
  /** Added to its steps; absent as long as the host has not heard of it. */
  shift?: number;
  /** Whether it counts from 0, and so goes behind what is there. */
  moves?: boolean;
}

/** What a host should have of a family, found out without reading logs. */
class Oracle {
  readonly parts: readonly Part[];
  /** By key and step, which part the value is from. */
  readonly held = new Map<string, number>();
  readonly #tracker: RunPart["tracker"];
  readonly #rule: string;
  #last = -1;

  constructor(parts: readonly Part[], tracker: RunPart["tracker"], rule: string) {
    this.parts = parts;
    this.#tracker = tracker;
    this.#rule = rule;
  }

  /** Some parts are synced together. */
  sync(some: readonly number[]): void {
    for (const at of some.toSorted((left, right) => left - right)) {
      this.#place(at);
      for (const name of this.#points(at, this.parts[at]?.shift ?? 0)) {
        if (!this.held.has(name) && !this.#isLeft(at, name, some)) this.held.set(name, at);
        this.#last = Math.max(this.#last, Number(name.split(" ")[1]));
      }
    }
  }

  /** Gives a part that is new its place. */
  #place(at: number): void {
    const part = this.parts[at];
    if (part === undefined || part.shift !== undefined) return;
    const known = this.parts.map((each, other) => ({ each, other }))
      .filter(({ each }) => each.shift !== undefined);
    const isLate = known.length > 0 &&
      known.every(({ each, other }) => other > at && each.moves !== true);
    part.moves = this.#tracker === "wandb" && part.steps[0] === 0 && !isLate;
    part.shift = part.moves && known.length > 0 ? this.#last + 1 : 0;
  }

  /** Whether a point is left to a later part that is synced with it. */
  #isLeft(at: number, name: string, some: readonly number[]): boolean {
    return this.#rule === "last" && some.some((later) => {
      const moves = this.#tracker === "wandb" && this.parts[later]?.steps[0] === 0;
      return later > at && !moves && this.#points(later, 0).includes(name);
    });
  }

  #points(at: number, shift: number): readonly string[] {
    const { steps: [first, last] = [0, -1], valEvery = 1 } = this.parts[at] ?? {};
    const all: string[] = [];
    for (let step = first; step <= last; step++) {
      all.push(`loss ${step + shift}`);
      if (step % valEvery === 0) all.push(`val ${step + shift}`);
    }
    return all;
  }
}

/** What the host has, as {@link Oracle} tells it. */
async function heldBy(host: ServedHost): Promise<ReadonlyMap<string, number>> {
  const facts = await host.facts("p");
  const held = new Map<string, number>();
  for (const name of ["loss", "val"]) {
    for (const [step, value] of facts.group(`scalar ${name}`)) {
      held.set(`${name} ${step.slice("step ".length)}`, Number(value.split(" ")[0]) - 1);
    }
  }
  return held;
}

function sorted(held: ReadonlyMap<string, number>): unknown {
  return [...held].toSorted(([left], [right]) => left < right ? -1 : 1);
}

/** A family, and in which groups its parts are synced; in the end all are. */
function plan(dice: Dice): {
  readonly parts: readonly Part[];
  readonly groups: readonly (readonly number[])[];
} {
  const parts: Part[] = [];
  const count = 2 + dice.below(3);
  for (let at = 0; at < count; at++) {
    const first = at === 0 || dice.below(2) === 0 ? 0 : 5 * dice.below(8);
    parts.push({ steps: [first, first + 5 + dice.below(20)], valEvery: 1 + dice.below(7) });
  }
  const all = parts.map((_, at) => at);
  const groups = Array.from(
    { length: dice.below(3) },
    () => all.filter(() => dice.below(2) === 0),
  );
  return { parts, groups: [...groups.filter((group) => group.length > 0), all] };
}

async function play(scene: Scene, seed: number): Promise<void> {
  const dice = new Dice(seed);
  const tracker = dice.below(2) === 0 ? "wandb" : "swanlab";
  const rule = dice.below(2) === 0 ? "last" : "first";
  const { parts: family, groups } = plan(dice);
  const oracle = new Oracle(family, tracker, rule);
  const paths = parts(scene, tracker, family);
  const host = await scene.serve("store");
  const words = (some: readonly number[]): readonly string[] => [
    ...some.map((at) => paths[at] ?? ""),
    ...["-h", host.url, ...options, "--overlap", rule],
  ];
  const told = JSON.stringify({
    seed,
    tracker,
    rule,
    family: family.map((one) => one.steps),
    groups,
  });
  for (const group of groups) {
    oracle.sync(group);
    const done = await scene.run(["sync", ...words(group)]);
    assert.ok([0, 3].includes(done.code), `${told}\n${done.stdout}`);
    assert.deepEqual(sorted(await heldBy(host)), sorted(oracle.held), told);
  }
  for (const group of [...groups, ...paths.map((_, at) => [at])]) {
    const again = await scene.run(["sync", ...words(group)]);
    assert.deepEqual(changes(again.passed), [], told);
    const verified = await scene.run(["verify", ...words(group)]);
    assert.equal(verified.code, 0, `${told}\n${verified.stdout}`);
  }
}

/** More of them: SEEDS=1000-1200 before the command. */
const [from = 1, to = 8] = (process.env["SEEDS"] ?? "1-8").split("-").map(Number);

for (let seed = from; seed <= to; seed++) {
  test(`family ${seed} becomes what is wanted, however its parts come`, () =>
    inScene((scene) => play(scene, seed)));
}
