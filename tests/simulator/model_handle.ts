import { Buffer } from "node:buffer";
import type { ModelProcess } from "./model_process.ts";
import { ModelStatus } from "./model_status.ts";
import type { OpenFile } from "./open_file.ts";
import { systemError } from "./system_error.ts";

/** A file or directory that a process of a model machine has open. */
export class ModelHandle {
  readonly fd: number;
  readonly #process: ModelProcess;
  readonly #file: OpenFile;

  constructor(process: ModelProcess, file: OpenFile) {
    this.#process = process;
    this.#file = file;
    this.fd = process.keep(file);
  }

  stat({ bigint = false }: { readonly bigint?: boolean } = {}): Promise<ModelStatus> {
    return this.#call("fstat", () => new ModelStatus(this.#file.node, bigint));
  }

  read(
    into: Uint8Array,
    at: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }> {
    return this.#call("read", () => {
      const part = this.#content().subarray(position, position + length);
      into.set(part, at);
      return { bytesRead: part.length };
    });
  }

  writeFile(text: string): Promise<void> {
    return this.#write(Buffer.from(text));
  }

  appendFile(text: string): Promise<void> {
    return this.#write(Buffer.from(text));
  }

  sync(): Promise<void> {
    return this.#call("sync", () => this.#process.machine.disk.sync(this.#file.node));
  }

  close(): Promise<void> {
    // Nothing that matters can happen before it.
    this.#process.files.delete(this.fd);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #write(bytes: Buffer): Promise<void> {
    const { path, mode } = this.#file;
    const write = (some: Buffer): void => {
      const content = this.#content();
      const start = mode === "append" ? content.length : this.#file.position;
      const { node } = this.#file;
      if (mode === "read" || node.kind !== "file") throw systemError("EBADF", path);
      this.#file.position = start + some.length;
      const whole = [content.subarray(0, start), some, content.subarray(start + some.length)];
      this.#process.machine.changing({ process: this.#process, name: "write", path });
      this.#process.machine.disk.write(node, Buffer.concat(whole));
    };
    return this.#process.step({
      name: "write",
      subject: path,
      act: () => write(bytes),
      part: () => write(bytes.subarray(0, bytes.length / 2)),
    });
  }

  #content(): Buffer {
    const { node, path } = this.#file;
    if (node.kind !== "file") throw systemError("EISDIR", path);
    return node.content;
  }

  #call<Result>(name: string, act: () => Result): Promise<Result> {
    return this.#process.step({ name, subject: this.#file.path, act });
  }
}
