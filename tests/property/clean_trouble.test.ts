/** Each system call of a deletion fails, on a model machine; and what is left by that. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { loadCopies, type Program } from "../simulator/copies.ts";
import { Guard } from "../simulator/guard.ts";
import { Holdings } from "../simulator/holdings.ts";
import { ModelMachine } from "../simulator/model_machine.ts";
import { ModelService } from "../simulator/model_service.ts";
import type { Hosts, Orders, Report } from "../simulator/program.ts";
import { type Tracked, Tracker } from "../simulator/tracker.ts";
import type { Trouble } from "../simulator/trouble.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "clean-trouble-")));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let programs: readonly Program[] = [];
before(async () => {
  programs = await loadCopies(folder, 1);
});

const plain = {
  to: ["service", "keeper"],
  clean: true,
  recheck: false,
  breakLock: false,
  jobs: 1,
  moves: false,
} as const;
const sync: Orders = { ...plain, command: "sync" };
const clean: Orders = { ...plain, command: "clean" };

/** A machine with one run that has ended, and hosts that never fail. */
class Scene {
  readonly machine: ModelMachine = new ModelMachine(Date.UTC(2026, 0, 1));
  readonly guard: Guard;
  readonly run: Tracked;
  readonly path: string;
  readonly log: string;
  readonly #hosts: Hosts;
  readonly #tracker: Tracker;

  constructor() {
    const { machine } = this;
    this.#hosts = { service: new ModelService(() => machine.passed, 0), keeper: new Map() };
    const tracker = new Tracker(machine.disk, () => machine.now());
    this.#tracker = tracker;
    this.guard = new Guard(machine, tracker, new Holdings(this.#hosts));
    this.run = tracker.begin("a");
    tracker.write(this.run, 3);
    tracker.finish(this.run);
    this.path = machine.disk.pathOf(this.run.node);
    this.log = this.run.log.content.toString();
    machine.disk.makeDirectory(machine.disk.slot(`${this.path}/files`, true));
    machine.pass(1000);
  }

  /** Where the run is now; undefined when it is gone. */
  get place(): string | undefined {
    const { disk } = this.machine;
    return this.#tracker.isThere(this.run) ? disk.pathOf(this.run.node) : undefined;
  }

  /** Runs a command to its end, and tells in how many steps. */
  async command(
    orders: Orders,
    troubles: readonly Trouble[] = [],
  ): Promise<{ readonly report: Report; readonly steps: number }> {
    const started = this.machine.start({ troubles, meanwhile: () => {} });
    this.guard.allow(started, orders.to);
    let report: Report | undefined;
    const [program] = programs;
    void program?.command(started, this.#hosts, orders).then((ended) => {
      report = ended;
    });
    for (let steps = 0;;) {
      await new Promise((resolve) => void setImmediate(resolve));
      if (report !== undefined) {
        started.end();
        return { report, steps };
      }
      if (started.waiting === 0) continue;
      started.go(0);
      steps++;
    }
  }
}

/** What is to be seen after a command that met a trouble, however it came out. */
function inspect(scene: Scene, report: Report): string {
  const { place, path, log, run, guard } = scene;
  assert.deepEqual(guard.objections, []);
  const told = JSON.stringify(report);
  assert.ok(!told.includes('"internal"'), told);
  if (place === undefined) return "gone";
  if (place === path) {
    assert.equal(run.log.content.toString(), log);
    assert.deepEqual([...run.node.entries.keys()].sort(), ["files", "log.lines"]);
    return "as it was";
  }
  assert.ok(told.includes(place), `nobody is told of ${place}: ${told}`);
  return "elsewhere";
}

/** Does it all once, with a trouble while the run is deleted. */
async function play(orders: Orders, trouble: Trouble): Promise<string> {
  const scene = new Scene();
  if (orders.command === "clean") await scene.command({ ...sync, clean: false });
  const { report } = await scene.command(orders, [trouble]);
  const seen = inspect(scene, report);
  await scene.command(sync);
  const again = await scene.command(sync);
  assert.equal(inspect(scene, again.report), "gone");
  return seen;
}

/** How many steps it takes without any trouble. */
async function stepsOf(orders: Orders): Promise<number> {
  const scene = new Scene();
  if (orders.command === "clean") await scene.command({ ...sync, clean: false });
  const { report, steps } = await scene.command(orders);
  assert.equal(inspect(scene, report), "gone", JSON.stringify(report));
  return steps;
}

const troubles: readonly (readonly [code: string, lasts: boolean, seen: readonly string[]])[] = [
  ["EBUSY", false, ["as it was", "gone"]],
  ["ENOSPC", false, ["as it was", "gone"]],
  ["ESTALE", false, ["as it was", "gone"]],
  ["EACCES", false, ["as it was", "gone"]],
  ["EIO", false, ["as it was", "gone"]],
  ["EROFS", true, ["as it was", "elsewhere", "gone"]],
  ["EIO", true, ["as it was", "elsewhere", "gone"]],
];

for (const orders of [sync, clean]) {
  for (const [code, lasts, all] of troubles) {
    const when = lasts ? "from some call on" : "at some call";
    test(
      `a ${orders.command} that meets ${code} ${when} leaves the run whole, or tells where it is`,
      { timeout: 300_000 },
      async () => {
        const steps = await stepsOf(orders);
        const seen = new Set<string>();
        for (let at = 1; at <= steps; at++) {
          const trouble: Trouble = { at, on: "any", lasts, kind: { type: "fail", code } };
          try {
            seen.add(await play(orders, trouble));
          } catch (error) {
            throw new Error(`${code} at step ${at} of ${steps}`, { cause: error });
          }
        }
        assert.deepEqual([...seen].sort(), all);
      },
    );
  }
}
