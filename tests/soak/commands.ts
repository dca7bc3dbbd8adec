import type { ChildProcess } from "node:child_process";
import { finished, start } from "../e2e/binary.ts";

/** Exit codes that trouble from outside may lead to; all others are our own fault. */
const excused: ReadonlySet<number | null> = new Set([0, 3, 10, 11, 12, 13, 14, 15, 130, 143, null]);

/** A command of ours that is running. */
export interface Running {
  readonly words: readonly string[];
  readonly child: ChildProcess;
  /** Whether it follows runs, and ends only when it is told to. */
  readonly isWatch: boolean;
  /** What it was told by signals. */
  readonly signals: string[];
  readonly ended: Promise<Ended>;
}

/** A command that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands that are running, and what was wrong with those that have ended. */
export class Commands {
  readonly running: Set<Running> = new Set();
  readonly problems: string[] = [];
  readonly codes: Map<string, number> = new Map();
  /** What a run is called at the host, by its id. */
  readonly remotes: Map<string, string> = new Map();
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** Starts a command. */
  start(words: readonly string[]): Running {
    const child = start([...words, "--json"], { cwd: this.#cwd });
    const command: Running = {
      words,
      child,
      isWatch: words[0] === "watch",
      signals: [],
      ended: finished(child).then((ended) => {
        this.running.delete(command);
        this.#examine(command, ended);
        return ended;
      }),
    };
    this.running.add(command);
    return command;
  }

  /** Tells a command something. */
  signal(command: Running, signal: NodeJS.Signals): void {
    command.signals.push(signal);
    command.child.kill(signal);
  }

  /** Kills all of them at once. */
  async killAll(): Promise<void> {
    const all = [...this.running];
    for (const command of all) this.signal(command, "SIGKILL");
    await Promise.all(all.map(({ ended }) => ended));
  }

  #examine({ words, signals }: Running, { code, stdout, stderr }: Ended): void {
    const name = `${words[0]} ${code ?? "killed"}`;
    this.codes.set(name, (this.codes.get(name) ?? 0) + 1);
    const told = signals.length === 0 ? "" : ` after ${signals.join(", ")}`;
    const tell = (text: string): void => {
      this.problems.push(
        `${words.join(" ")}${told}: ${text}\n${stdout.slice(-3000)}${stderr.slice(-3000)}`,
      );
    };
    if (!excused.has(code)) tell(`ended with ${code}`);
    // A signal that comes before the program has begun to listen ends it as well.
    if (code === null && signals.every((signal) => signal === "SIGSTOP")) tell("died");
    for (const line of stdout.split("\n").slice(0, -1)) {
      const { remote, run, destination, error, ...rest } = JSON.parse(line);
      if (error?.code === "internal" || rest.code === "internal") tell("met a bug");
      if (remote?.id !== undefined && String(destination).startsWith("http")) {
        this.remotes.set(run.id, remote.id);
      }
    }
  }
}
