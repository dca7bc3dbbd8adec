import { SourceError, ToolError } from "../errors.ts";
import type { Attempt } from "./attempt.ts";

/**
 * A stream as the body of a request. Every piece that is taken tells the attempt that something
 * moves; a stream that fails, or is not as long as was said, makes the attempt fail with just that.
 */
export class CountedBody {
  /** What `fetch` takes. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #length: number | undefined;
  #bytes = 0;

  constructor(body: ReadableStream<Uint8Array>, length: number | undefined, attempt: Attempt) {
    this.#reader = body.getReader();
    this.#length = length;
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => this.#pull(controller, attempt),
      cancel: (reason) => this.#reader.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Lets go of the source when the request failed, which `fetch` does not always do. */
  async release(): Promise<void> {
    await Promise.allSettled([this.#reader.cancel()]);
  }

  async #pull(
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
    attempt: Attempt,
  ): Promise<void> {
    try {
      const piece = await this.#next();
      attempt.heard();
      // The type of a body wants to know that no other thread can change the bytes; none does.
      if (piece === undefined) controller.close();
      else controller.enqueue(piece as Uint8Array<ArrayBuffer>);
    } catch (error) {
      if (error instanceof ToolError) attempt.fail(error);
      throw error;
    }
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#reader.read();
    this.#bytes += value?.length ?? 0;
    const length = this.#length;
    if (length === undefined) return value;
    if (this.#bytes > length || (done && this.#bytes < length)) {
      throw wrongLength(length, this.#bytes);
    }
    return value;
  }
}

function wrongLength(length: number, bytes: number): SourceError {
  const found = bytes > length ? "more" : `only ${bytes}`;
  return new SourceError(`${length} bytes were to be sent, but there are ${found}`, {
    hint: "The file changed while it was sent; sync again when nobody writes to it.",
  });
}
