import { Buffer } from "node:buffer";
import { write } from "node:fs";
import { systemCode, ToolError } from "../errors.ts";
import type { Terminal } from "./terminal.ts";

/** Where a command writes text. */
export interface Output {
  readonly terminal: Terminal;
  /** Whether the reader has gone away; what is written from then on is dropped. */
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
  readonly #name: string;
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(descriptor: number, name: string, terminal: Terminal) {
    this.#descriptor = descriptor;
    this.#name = name;
    this.terminal = terminal;
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(text: string): Promise<void> {
    if (text === "") return this.#queue;
    const bytes = Buffer.from(text.toWellFormed(), "utf8");
    this.#queue = this.#queue.then(() => this.#writeAll(bytes));
    return this.#queue;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length && !this.#closed) {
      offset += await this.#writeSome(bytes, offset);
    }
  }

  /** How many bytes the system took: none when the pipe is full and does not block. */
  #writeSome(bytes: Uint8Array, offset: number): Promise<number> {
    return new Promise((resolve, reject) => {
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
          if (code !== "EPIPE") return reject(this.#failure(error));
          this.#closed = true;
          resolve(0);
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
