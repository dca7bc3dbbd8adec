import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import process from "node:process";
import type { Answer, Question } from "./worker.ts";

const mostMilliseconds = 20_000;
const mostBytes = 200 * 1000 * 1000;
const lookEveryMilliseconds = 50;

/** What became of a case: `problem` is absent when all is well. */
export interface Verdict {
  readonly story: readonly string[];
  readonly problem?: string;
}

/** Memory that a process has now, in bytes; 0 where the system does not tell. */
function memoryOf(pid: number | undefined): number {
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) return 0;
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(status, "latin1"))?.[1] ?? 0) * 1024;
}

/** A process that examines cases, under watch. It is gone after the first problem. */
export class Examiner implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  readonly #ended: Promise<void>;
  #errors = "";

  constructor() {
    const child = spawn(process.execPath, ["tests/fuzz/worker.ts"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stderr.on("data", (chunk: Uint8Array) => {
      this.#errors += new TextDecoder().decode(chunk);
    });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout });
    this.#ended = new Promise((resolve) => child.once("close", () => resolve()));
  }

  /** Asks for one case and waits for the answer, but not for ever. */
  async examine(question: Question): Promise<Verdict> {
    const verdict = Promise.withResolvers<Verdict>();
    let story: readonly string[] = [`seed ${question.seed}`];
    const fail = (problem: string): void => verdict.resolve({ story, problem });
    const hear = (line: string): void => {
      const { examined, problem, ...answer }: Answer = JSON.parse(line);
      story = answer.story;
      if (problem !== undefined) fail(problem);
      else if (examined) verdict.resolve({ story });
    };
    const started = performance.now();
    const look = setInterval(() => {
      const memory = memoryOf(this.#process.pid);
      if (memory > mostBytes) fail(`${Math.round(memory / 1e6)} MB of memory`);
      else if (performance.now() - started > mostMilliseconds) fail("no answer after 20 seconds");
    }, lookEveryMilliseconds);
    this.#lines.on("line", hear);
    this.#ended.then(() => fail(`died: ${this.#errors}`));
    this.#process.stdin?.write(`${JSON.stringify(question)}\n`);
    const result = await verdict.promise;
    clearInterval(look);
    this.#lines.off("line", hear);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }
}
