import { Buffer } from "node:buffer";

const headEnd = Buffer.from("\r\n\r\n");
const lineEnd = Buffer.from("\r\n");

/** One request or answer as it came over the wire. */
export interface HttpMessage {
  /** `GET /path HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly startLine: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** All bytes, the head included. */
  readonly wire: Uint8Array;
  /** How many of them are the head. */
  readonly headBytes: number;
}

/** Where a body ends when its head says nothing about it. */
export type Framing = "request" | "answer" | "answer without body";

/** Cuts the bytes of one connection into HTTP/1.1 messages and leaves each byte as it is. */
export class MessageReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #ready: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next whole message; undefined where the connection ends before or within it. */
  async next(framing: Framing): Promise<HttpMessage | undefined> {
    const head = await this.#through(headEnd);
    if (head === undefined) return undefined;
    const [startLine = "", ...lines] = head.toString("latin1").split("\r\n");
    const headers = new Map(lines.map((line) => {
      const [name = "", ...value] = line.split(":");
      return [name.toLowerCase(), value.join(":").trim()];
    }));
    // An interim answer (100 Continue) is not the answer.
    if (/^HTTP\/1\.1 1\d\d/.test(startLine)) return await this.next(framing);
    const body = await this.#body(startLine, headers, framing);
    if (body === undefined) return undefined;
    return { startLine, headers, wire: Buffer.concat([head, body]), headBytes: head.length };
  }

  async #body(
    startLine: string,
    headers: ReadonlyMap<string, string>,
    framing: Framing,
  ): Promise<Buffer | undefined> {
    if (framing === "answer without body" || /^HTTP\/1\.1 (204|304)/.test(startLine)) {
      return Buffer.alloc(0);
    }
    if (headers.get("transfer-encoding")?.toLowerCase() === "chunked") return await this.#chunked();
    const length = headers.get("content-length");
    if (length !== undefined) return await this.#take(Number(length));
    return framing === "request" ? Buffer.alloc(0) : await this.#rest();
  }

  async #chunked(): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (;;) {
      const line = await this.#through(lineEnd);
      if (line === undefined) return undefined;
      const length = parseInt(line.toString("latin1"), 16);
      const data = length === 0 ? await this.#through(lineEnd) : await this.#take(length + 2);
      if (data === undefined) return undefined;
      parts.push(line, data);
      if (length === 0) return Buffer.concat(parts);
    }
  }

  /** Everything up to and including `mark`. */
  async #through(mark: Buffer): Promise<Buffer | undefined> {
    for (;;) {
      const at = this.#ready.indexOf(mark);
      if (at !== -1) return this.#cut(at + mark.length);
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#ready = Buffer.concat([this.#ready, value]);
    }
  }

  async #take(length: number): Promise<Buffer | undefined> {
    const parts = [this.#ready];
    let bytes = this.#ready.length;
    while (bytes < length) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      parts.push(Buffer.from(value));
      bytes += value.length;
    }
    this.#ready = Buffer.concat(parts);
    return this.#cut(length);
  }

  async #rest(): Promise<Buffer> {
    const parts = [this.#ready];
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return Buffer.concat(parts);
      parts.push(Buffer.from(value));
    }
  }

  #cut(length: number): Buffer {
    const cut = this.#ready.subarray(0, length);
    this.#ready = this.#ready.subarray(length);
    return cut;
  }
}
