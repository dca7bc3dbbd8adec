import { Buffer } from "node:buffer";
import process from "node:process";
import { CancelledError } from "../errors.ts";
import type { Input } from "./input.ts";

/** Enough for any key. */
const mostBytes = 2 ** 16;

/** Standard input, with questions on standard error so that results stay apart. */
export class StandardInput implements Input {
  readonly interactive: boolean;
  readonly #signal: AbortSignal;

  /** `interactive` is whether both are terminals. */
  constructor(interactive: boolean, signal: AbortSignal) {
    this.interactive = interactive;
    this.#signal = signal;
  }

  async line(): Promise<string> {
    const stop = (): void => void process.stdin.destroy();
    this.#signal.addEventListener("abort", stop);
    let bytes = Buffer.alloc(0);
    try {
      for await (const piece of process.stdin) {
        bytes = Buffer.concat([bytes, Buffer.from(piece)]);
        if (bytes.includes("\n") || bytes.length >= mostBytes) break;
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      throw new CancelledError();
    } finally {
      this.#signal.removeEventListener("abort", stop);
    }
    if (this.#signal.aborted) throw new CancelledError();
    return bytes.subarray(0, mostBytes).toString("utf8").split(/\r?\n/, 1)[0] ?? "";
  }

  async secret(question: string): Promise<string> {
    const { isCancel, password } = await import("@clack/prompts");
    const answer = await password({
      message: question,
      output: process.stderr,
      signal: this.#signal,
    });
    if (isCancel(answer)) throw new CancelledError();
    return answer;
  }

  async confirm(question: string): Promise<boolean> {
    const { confirm, isCancel } = await import("@clack/prompts");
    const answer = await confirm({
      message: question,
      initialValue: false,
      output: process.stderr,
      signal: this.#signal,
    });
    if (isCancel(answer)) throw new CancelledError();
    return answer;
  }
}
