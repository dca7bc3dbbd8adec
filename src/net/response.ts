import { type LosslessValue, MalformedJson, parseLosslessJson } from "../codec/lossless_json.ts";
import type { Attempt } from "./attempt.ts";
import { UnexpectedResponse } from "./unexpected_response.ts";

/** What a server answered. The body is read at most once, by one of the methods. */
export interface HttpResponse {
  readonly status: number;
  /** The phrase behind the status, such as "Not Found"; empty over HTTP/2. */
  readonly reason: string;
  readonly headers: Headers;
  /** The header `traceid`, by which the people who run a SwanLab server find a request. */
  readonly trace: string | undefined;
  /**
   * The body as text, cut after `most` bytes (1 MiB unless said otherwise).
   * @throws {NetworkError} when the connection ends before the body does.
   */
  text(most?: number): Promise<string>;
  /**
   * The body as JSON, of at most `most` bytes (64 MiB unless said otherwise).
   * @throws {UnexpectedResponse} when it is none, or longer.
   * @throws {NetworkError} when the connection ends before the body does.
   */
  json(most?: number): Promise<LosslessValue>;
  /**
   * The body piece by piece; leaving the loop early gives the rest up.
   * @throws {NetworkError} when the connection ends before the body does.
   */
  stream(): AsyncIterable<Uint8Array>;
  /** Reads a short body to its end and gives a long one up, so that the connection is free again. */
  discard(): Promise<void>;
}

const mostText = 2 ** 20;
const mostJson = 64 * 2 ** 20;
/** Bytes per ms below which a body that drips is given up in the end. */
const slowest = 1;
/** It is cheaper to read on than to connect anew. */
const mostDiscarded = 2 ** 16;

/** The answer to an attempt. */
export class ReceivedResponse implements HttpResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly trace: string | undefined;
  readonly #body: ReadableStream<Uint8Array> | null;
  readonly #attempt: Attempt;
  readonly #silence: number;

  /** `silence` is the longest time in ms that the body may pause. */
  constructor(response: Response, attempt: Attempt, silence: number) {
    this.status = response.status;
    this.reason = response.statusText;
    this.headers = response.headers;
    this.trace = response.headers.get("traceid") ?? undefined;
    this.#body = response.body;
    this.#attempt = attempt;
    this.#silence = silence;
  }

  async text(most: number = mostText): Promise<string> {
    return new TextDecoder().decode(await this.#start(most));
  }

  async json(most: number = mostJson): Promise<LosslessValue> {
    const bytes = await this.#start(most + 1);
    if (bytes.length > most) throw this.#unexpected(`more than ${most} bytes`);
    const text = new TextDecoder().decode(bytes);
    try {
      return parseLosslessJson(text);
    } catch (error) {
      if (!(error instanceof MalformedJson)) throw error;
      throw this.#unexpected(describe(text));
    }
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    if (this.#body === null) return;
    const reader = this.#body.getReader();
    let isOpen = true;
    let patience = this.#silence;
    try {
      while (true) {
        const began = performance.now();
        const wait = Math.min(this.#silence, patience);
        const piece = await this.#attempt.during(wait, () => reader.read());
        isOpen = !piece.done;
        if (piece.done) return;
        patience += began - performance.now() + piece.value.length / slowest;
        yield piece.value;
      }
    } catch (error) {
      isOpen = false;
      throw error;
    } finally {
      if (isOpen) await reader.cancel();
    }
  }

  async discard(): Promise<void> {
    await this.#start(mostDiscarded);
  }

  /** The first `most` bytes of the body. */
  async #start(most: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of this.stream()) {
      pieces.push(piece.subarray(0, most - bytes));
      bytes += piece.length;
      if (bytes >= most) break;
    }
    return join(pieces, Math.min(bytes, most));
  }

  #unexpected(what: string): UnexpectedResponse {
    const trace = this.trace === undefined ? "" : `, trace ${this.trace}`;
    const status = `${this.status} ${this.reason}`.trimEnd();
    return new UnexpectedResponse(
      `${this.#attempt.name} was answered ${status} with ${what}${trace}`,
    );
  }
}

function join(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = pieces;
  if (first?.length === bytes) return first;
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function describe(text: string): string {
  if (text.trim() === "") return "nothing instead of JSON";
  return /^\s*</.test(text) ? "a web page instead of JSON" : "something that is not JSON";
}
