import { ModelDisk, type Slot } from "./model_disk.ts";
import { ModelProcess, type ProcessOptions } from "./model_process.ts";
import { systemError } from "./system_error.ts";

/** A change of the disk that a process is about to make. */
export interface DiskChange {
  readonly process: ModelProcess;
  readonly name: "create" | "write" | "mkdir" | "link" | "rename" | "unlink" | "rmdir";
  readonly path: string;
  /** What has the name now, for those that take it away. */
  readonly slot?: Slot;
  /** The new name. */
  readonly target?: string;
}

/** A machine with a clock, a disk, and processes. */
export class ModelMachine {
  readonly disk: ModelDisk;
  readonly processes: Map<number, ModelProcess> = new Map();
  /** Is told every change that a process is about to make. */
  changing: (change: DiskChange) => void = () => {};
  /** Which of the nodes that share the disk starts processes. */
  host = "node-1";
  #boots = 1;
  #pids = 100;
  #told = 0;
  #passed = 0;
  #offset: number;

  /** `now` in ms since epoch. */
  constructor(now: number) {
    this.#offset = now;
    this.disk = new ModelDisk(() => this.now());
  }

  /** What its clock says. */
  now(): number {
    return this.#passed + this.#offset;
  }

  /** How much time has passed, whatever its clock says; ms. */
  get passed(): number {
    return this.#passed;
  }

  /** Time passes; ms. */
  pass(ms: number): void {
    this.#passed += ms;
  }

  /** Sets the clock forward, or back; ms. */
  turnClock(ms: number): void {
    this.#offset += ms;
  }

  /** A text that was not told before. */
  unique(): string {
    return `unique-${++this.#told}`.padEnd(36, "0");
  }

  start(options: Pick<ProcessOptions, "troubles" | "meanwhile">): ModelProcess {
    const pid = ++this.#pids;
    // So that a process is told from a later one of its number.
    this.#passed++;
    const process = new ModelProcess({ machine: this, pid, ...options });
    this.processes.set(pid, process);
    return process;
  }

  /** Ends all processes, and starts anew with what was safe on disk. */
  powerCut(share: number): void {
    for (const process of this.processes.values()) process.die();
    this.processes.clear();
    this.disk.powerCut(share);
    this.#boots++;
    this.#pids = 100;
  }

  /** The content of a file that the system makes up. */
  told(path: string, asking: ModelProcess): string {
    const pid = /^\/proc\/(\d+)\/stat$/.exec(path)?.[1];
    if (pid !== undefined) return this.#status(Number(pid), path, asking);
    switch (path) {
      case "/etc/machine-id":
        return `${asking.host}\n`;
      case "/proc/sys/kernel/random/boot_id":
        return `${asking.host} ${this.#boots}\n`;
      case "/proc/self/mountinfo":
        return "";
      default:
        throw systemError("ENOENT", path);
    }
  }

  /** Where a link that the system makes up leads. */
  linked(path: string, asking: ModelProcess): string {
    if (path === "/proc/self/ns/pid") return "pid:[1]";
    const [, pid, descriptor] = /^\/proc\/(\d+)\/fd\/(\d+)$/.exec(path) ?? [];
    const file = this.#living(asking).find((each) => `${each.pid}` === pid)?.files.get(
      Number(descriptor),
    );
    if (file === undefined) throw systemError("ENOENT", path);
    return file.path;
  }

  /** The names in a directory that the system makes up. */
  listed(path: string, asking: ModelProcess): readonly string[] {
    if (path === "/proc") return ["self", ...this.#living(asking).map(({ pid }) => `${pid}`)];
    const pid = /^\/proc\/(\d+)\/fd$/.exec(path)?.[1];
    const process = this.#living(asking).find((each) => `${each.pid}` === pid);
    if (process === undefined) throw systemError("ENOENT", path);
    return [...process.files.keys()].map(String);
  }

  /** The processes that one can see: those of its node. */
  #living({ host }: ModelProcess): readonly ModelProcess[] {
    return [...this.processes.values()].filter((each) =>
      each.host === host && (each.state === "running" || each.state === "stopped")
    );
  }

  #status(pid: number, path: string, asking: ModelProcess): string {
    const process = this.#living(asking).find((each) => each.pid === pid);
    if (process === undefined) throw systemError("ENOENT", path);
    return `${pid} (run (ferry)) S ${"0 ".repeat(18)}${process.started} 0 0\n`;
  }
}
