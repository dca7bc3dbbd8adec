import type { ModelMachine } from "./model_machine.ts";
import type { OpenFile } from "./open_file.ts";
import { systemError } from "./system_error.ts";
import { concerns, type Trouble } from "./trouble.ts";

/** What a process asks of the world. */
export interface Step<Result> {
  /** Name of a system call; "wait"; "request", which changes something at a host, or "question". */
  readonly name: string;
  /** What it is about, such as a path. */
  readonly subject: string;
  act(): Result;
  /** Does a part of it, for a process that dies meanwhile. */
  part?(): void;
}

/** A step that waits to be made. */
interface Waiting {
  readonly step: Step<unknown>;
  settle(act: () => unknown): void;
}

/** How a process begins. */
export interface ProcessOptions {
  readonly machine: ModelMachine;
  readonly pid: number;
  readonly troubles: readonly Trouble[];
  /** Something else happens in the world. */
  meanwhile(kind: Trouble["kind"] & { readonly type: "meanwhile" }): void;
}

/** A process of a model machine: it makes one step after the other, each when it is told to. */
export class ModelProcess {
  readonly pid: number;
  readonly machine: ModelMachine;
  /** The node that it runs on. */
  readonly host: string;
  /** When it was started, in the count of the machine. */
  readonly started: string;
  readonly files: Map<number, OpenFile> = new Map();
  readonly cancellation: AbortController = new AbortController();
  state: "running" | "stopped" | "dead" | "ended" = "running";
  readonly #troubles: Trouble[];
  readonly #meanwhile: ProcessOptions["meanwhile"];
  readonly #waiting: Waiting[] = [];
  #steps = 0;
  #descriptors = 2;

  constructor({ machine, pid, troubles, meanwhile }: ProcessOptions) {
    this.machine = machine;
    this.host = machine.host;
    this.pid = pid;
    this.started = `${machine.now()}`;
    this.#troubles = [...troubles];
    this.#meanwhile = meanwhile;
  }

  /** How many steps can be made. */
  get waiting(): number {
    return this.state === "running" ? this.#waiting.length : 0;
  }

  /** Resolves or fails once the step is made; never when the process dies before. */
  step<Result>(step: Step<Result>): Promise<Result> {
    if (this.state === "dead") return new Promise(() => {});
    return new Promise((resolve, reject) => {
      const settle = (act: () => unknown): void => {
        try {
          resolve(act() as Result);
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ step, settle });
    });
  }

  /** Makes one of the steps that wait, by its place among them. */
  go(place: number): void {
    const [next] = this.#waiting.splice(place, 1);
    if (next === undefined) return;
    this.#steps++;
    const trouble = this.#troubles.find((each) => concerns(each, this.#steps, next.step));
    if (trouble === undefined) {
      next.settle(() => next.step.act());
      return;
    }
    // A run that grew at every step would never be read to its end.
    if (!trouble.lasts || trouble.kind.type === "meanwhile") {
      this.#troubles.splice(this.#troubles.indexOf(trouble), 1);
    }
    this.#befall(next, trouble);
  }

  /** A number for a file that it opens. */
  keep(file: OpenFile): number {
    this.files.set(++this.#descriptors, file);
    return this.#descriptors;
  }

  /** It came to its own end. */
  end(): void {
    this.state = "ended";
    this.files.clear();
  }

  /** Ends it at once; what it did stays done. */
  die(): void {
    this.state = "dead";
    this.files.clear();
    this.#waiting.length = 0;
  }

  #befall(next: Waiting, { kind }: Trouble): void {
    const { step, settle } = next;
    switch (kind.type) {
      case "kill":
        if (kind.when === "after growth") this.#meanwhile({ type: "meanwhile", happens: "row" });
        if (kind.when === "after" || kind.when === "after growth") heed(step);
        if (kind.when === "meanwhile") step.part?.();
        this.die();
        return;
      case "power cut":
        this.machine.powerCut(kind.share);
        return;
      case "stop":
        this.state = "stopped";
        this.#waiting.unshift(next);
        return;
      case "fail":
        settle(() => {
          throw systemError(kind.code, step.subject);
        });
        return;
      case "request":
        settle(() => answer(step, kind.fate));
        return;
      case "cancel":
        this.cancellation.abort();
        break;
      case "meanwhile":
        this.#meanwhile(kind);
    }
    settle(() => step.act());
  }
}

/** Makes a step of which nobody hears any more. */
function heed(step: Step<unknown>): void {
  try {
    step.act();
  } catch {
    return;
  }
}

/** What comes of a request that goes wrong. */
function answer(step: Step<unknown>, fate: "lost answer" | "lost" | "lie"): unknown {
  if (fate === "lie") return undefined;
  if (fate === "lost answer") step.act();
  throw systemError("ECONNRESET", step.subject);
}
