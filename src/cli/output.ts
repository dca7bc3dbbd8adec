import { Buffer } from "node:buffer";
import { write } from "node:fs";
import { systemCode, ToolError } from "../errors.ts";
import type { Terminal } from "./terminal.ts";

/** Where a command writes text. */
export interface Output {
  readonly terminal: Terminal;
  /** Whether nobody can read on; what is written from then on is dropped. */
  readonly closed: boolean;
  /**
   * Resolves when the system has taken all of the text, so nothing is lost at exit and a slow
   * reader slows the writer down.
   * @throws {ToolError} `destination` when it cannot be written, such as on a full disk.
   */
  write(text: string): Promise<void>;
}

/** Writes to an open file descriptor; calls made at once are written in order. */
export class DescriptorOutput implements Output {
  readonly terminal: Terminal;
  readonly #descriptor: number;
  readonly #name: string | undefined;
  /** Ends with the failure of the last write, if it failed. */
  #queue: Promise<ToolError | undefined> = Promise.resolve(undefined);
  #closed = false;

  /**
   * `name` is for the message when it cannot be written; without one, as for stderr, there is
   * nobody to tell, and what cannot be written is dropped.
   */
  constructor(descriptor: number, name: string | undefined, terminal: Terminal) {
    this.#descriptor = descriptor;
    this.#name = name;
    this.terminal = terminal;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text.toWellFormed(), "utf8");
    this.#queue = this.#queue.then(() => this.#writeAll(bytes));
    const failure = await this.#queue;
    if (failure !== undefined) throw failure;
  }

  async #writeAll(bytes: Uint8Array): Promise<ToolError | undefined> {
    let offset = 0;
    while (offset < bytes.length && !this.#closed) {
      const written = await this.#writeSome(bytes, offset);
      if (typeof written !== "number") return written;
      offset += written;
    }
    return undefined;
  }

  /** How many bytes the system took (none when the pipe is full and does not block), or why not. */
  #writeSome(bytes: Uint8Array, offset: number): Promise<number | ToolError> {
    return new Promise((resolve) => {
      write(
        this.#descriptor,
        bytes,
        offset,
        bytes.length - offset,
        null,
        (error, written) => {
          if (error === null) return resolve(written);
          const code = systemCode(error);
          if (code === "EAGAIN") return setTimeout(() => resolve(0), 5);
          this.#closed = true;
          const isTold = code !== "EPIPE" && this.#name !== undefined;
          resolve(isTold ? this.#failure(error) : 0);
        },
      );
    });
  }

  #failure(cause: Error): ToolError {
    return new ToolError(
      "destination",
      `Cannot write to ${this.#name}: ${cause.message}`,
      { hint: "Check that there is space left where it leads to.", cause },
    );
  }
}
