import type { Program } from "./copies.ts";
import type { ModelProcess } from "./model_process.ts";
import type { Hosts, Orders, Report } from "./program.ts";
import { Violation } from "./violation.ts";

/** A program at work, or stopped. */
export interface Job {
  readonly process: ModelProcess;
  readonly orders: Orders;
  /** What became of it; undefined as long as it has not ended. */
  report: Report | undefined;
}

/** Runs programs beside each other, one step of one after the other. */
export class Processes {
  readonly #programs: readonly Program[];
  readonly #hosts: Hosts;
  readonly #random: () => number;
  readonly #jobs = new Map<Program, Job>();

  /** `random` returns integers from 0 on. */
  constructor(programs: readonly Program[], hosts: Hosts, random: () => number) {
    this.#programs = programs;
    this.#hosts = hosts;
    this.#random = random;
  }

  /** Programs that have begun, and neither ended nor died. */
  get alive(): readonly Job[] {
    return [...this.#jobs.values()].filter(({ process: { state } }) =>
      state === "running" || state === "stopped"
    );
  }

  /** Begins a program; undefined when too many are stopped. */
  begin(process: ModelProcess, orders: Orders): Job | undefined {
    const free = this.#programs.find((each) => {
      const state = this.#jobs.get(each)?.process.state;
      return state !== "running" && state !== "stopped";
    });
    if (free === undefined) return undefined;
    const job: Job = { process, orders, report: undefined };
    this.#jobs.set(free, job);
    void free.command(process, this.#hosts, orders).then((report) => {
      if (process.state === "dead") return;
      job.report = report;
      process.end();
    });
    return job;
  }

  /**
   * Has all programs that are running go on until each has ended, stopped or died.
   * @throws {Violation} when one does not come to an end.
   */
  async run(): Promise<void> {
    for (let steps = 0; steps < mostSteps; steps++) {
      await quiet();
      const ready = [...this.#jobs.values()].filter(({ process }) => process.waiting > 0);
      const { process } = ready[this.#random() % ready.length] ?? {};
      if (process === undefined) return;
      process.go(this.#random() % process.waiting);
    }
    throw new Violation(`${JSON.stringify(this.alive[0]?.orders)} does not end`);
  }
}

/** More than any history needs. */
const mostSteps = 10_000;

/** Waits until every program waits for a step. */
function quiet(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
