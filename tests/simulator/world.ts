import type { Program } from "./copies.ts";
import { Guard } from "./guard.ts";
import type { Command, History } from "./history.ts";
import { Holdings } from "./holdings.ts";
import { editState } from "./journal_edit.ts";
import { parseLog } from "./model_log.ts";
import { ModelMachine } from "./model_machine.ts";
import { ModelService } from "./model_service.ts";
import { Processes } from "./processes.ts";
import type { Hosts, Orders } from "./program.ts";
import { Promises } from "./promises.ts";
import { type Tracked, Tracker } from "./tracker.ts";
import type { Trouble } from "./trouble.ts";

const ids = ["a", "b", "c"] as const;

/** A machine, trackers and programs on it, and the hosts that runs go to. */
export class World {
  readonly #machine = new ModelMachine(Date.UTC(2026, 0, 1));
  readonly #tracker: Tracker;
  readonly #holdings: Holdings;
  readonly #guard: Guard;
  readonly #processes: Processes;
  readonly #promises: Promises;
  /** Whether somebody did to the state directory what may have consequences. */
  #isEdited = false;
  #hasMoved = false;
  /** Whether a system call failed, such as one that tells who takes a lock. */
  #hasFailed = false;

  constructor(programs: readonly Program[], { seed, delay }: History) {
    const service = new ModelService(() => this.#machine.passed, delay);
    const hosts: Hosts = { service, keeper: new Map() };
    this.#tracker = new Tracker(this.#machine.disk, () => this.#machine.now());
    this.#holdings = new Holdings(hosts);
    this.#guard = new Guard(this.#machine, this.#tracker, this.#holdings);
    this.#processes = new Processes(programs, hosts, randomOf(seed));
    this.#promises = new Promises(this.#machine.disk, this.#tracker, this.#holdings, this.#guard);
  }

  /**
   * Has something happen.
   * @throws {Violation} when a promise is broken by it.
   */
  async happen(command: Command): Promise<void> {
    switch (command.type) {
      case "run":
        return await this.#run([command.orders], command.troubles);
      case "race":
        return await this.#run(command.orders, command.troubles);
      case "go on":
        for (const { process } of this.#processes.alive) process.state = "running";
        return await this.#settle();
      case "power cut":
        this.#machine.powerCut(command.share);
        return await this.#settle();
      case "move":
        this.#hasMoved = true;
        this.#machine.host = this.#machine.host === "node-1" ? "node-2" : "node-1";
        return;
      case "clock":
        this.#machine.turnClock(command.ms);
        return;
      case "edit":
        // Whoever takes away the lock of a process that is at work gets what he asked for.
        if (this.#processes.alive.length > 0) return;
        this.#isEdited = true;
        editState(this.#machine.disk, command.edit);
        return;
      default:
        this.#write(command);
    }
  }

  /**
   * Has everything come to rest without any trouble.
   * @throws {Violation} when something is not as it must be then.
   */
  async end(): Promise<void> {
    for (const { process } of this.#processes.alive) process.die();
    await this.#processes.run();
    this.#machine.pass(10 * 86_400_000);
    const isOnItsWay = this.#promises.hasMoved;
    // A machine ends only what it has begun itself.
    if (this.#hasMoved) await this.#runLast("node-2");
    await this.#runLast("node-1");
    // What was put back is sent with the next.
    if (isOnItsWay || !this.#promises.isAtRest(this.#isEdited)) await this.#runLast("node-1");
    this.#promises.rest(this.#isEdited);
  }

  async #runLast(host: string): Promise<void> {
    this.#machine.host = host;
    const to = ["service", "keeper"] as const;
    // Whether a process of another node is dead cannot be told, nor one that could not say who it is.
    const breakLock = this.#hasMoved || this.#hasFailed;
    const wanted = { clean: true, recheck: true, breakLock, moves: false };
    await this.#run([{ command: "sync", to, jobs: 1, ...wanted }], []);
  }

  #write(command: Command & { readonly run: number }): void {
    const id = ids[command.run % ids.length] ?? "a";
    const current = this.#tracker.current(id);
    const isOpen = current !== undefined && !isFinished(current);
    switch (command.type) {
      case "write":
        if (isOpen) this.#log(current, command);
        else if (this.#isNew(id)) this.#log(this.#tracker.begin(id), command);
        return;
      case "finish":
        if (isOpen) this.#tracker.finish(current);
        return;
      case "tear":
        if (isOpen) this.#tracker.tear(current);
        return;
      case "resume":
        if (!this.#isNew(id)) this.#tracker.begin(id);
        return;
      case "copy":
        if (current !== undefined) this.#tracker.copy(current);
        return;
      case "lose":
        // What is lost after a program has compared it cannot be known to it.
        if (this.#processes.alive.length === 0) this.#holdings.lose(id);
    }
  }

  #log(current: Tracked, { rows, ends }: Command & { readonly type: "write" }): void {
    this.#tracker.write(current, rows);
    if (ends) this.#tracker.finish(current);
  }

  #isNew(id: string): boolean {
    return this.#tracker.directories.every((each) => each.id !== id);
  }

  /** Runs programs, one beside the other. */
  async #run(all: readonly Orders[], troubles: readonly Trouble[]): Promise<void> {
    // Without locks nobody promises anything to those who work side by side.
    const isAlone = this.#processes.alive.length === 0 && all.length === 1;
    const befalling = troubles.filter(({ kind }) =>
      kind.type === "fail" ? isAlone && troubles.every(stopsNobody) : true
    );
    if (befalling.some(({ kind }) => kind.type === "fail")) this.#hasFailed = true;
    for (const [at, orders] of all.entries()) {
      const process = this.#machine.start({
        troubles: at === 0 ? befalling : [],
        meanwhile: ({ happens }) => ids.forEach((id) => this.#meanwhile(happens, id)),
      });
      this.#guard.allow(process, orders.to);
      const job = this.#processes.begin(process, orders);
      if (job !== undefined) this.#promises.begun(job);
    }
    await this.#settle();
  }

  #meanwhile(happens: "row" | "replaced", id: string): void {
    const current = this.#tracker.current(id);
    if (current === undefined) return;
    if (happens === "row") this.#tracker.write(current, 1);
    else this.#tracker.replace(current);
  }

  async #settle(): Promise<void> {
    await this.#processes.run();
    this.#promises.look(ids);
  }
}

function stopsNobody({ kind }: Trouble): boolean {
  return kind.type !== "stop";
}

function isFinished({ log }: Tracked): boolean {
  return parseLog(log.content.toString()).some((line) => line?.type === "finish");
}

/** Integers from 0 on, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    // A linear congruential generator; its low bits repeat too soon.
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return state >>> 16;
  };
}
