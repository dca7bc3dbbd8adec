import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import type { RunEvent } from "../model/event.ts";
import { ChunkEncoder } from "./chunk_encoder.ts";
import type { TarBody } from "./tar_body.ts";

const compress = promisify(zstdCompress);
/** Level 3 takes longer and saves next to nothing on doubles. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Chunks that are compressed while the next ones are encoded. */
const mostWaiting = 1;

/** Writes events as the `events/` entries of a tar. */
export class EventSink {
  readonly #body: TarBody;
  /** Time of the entries in ms since epoch. */
  readonly #modified: number;
  readonly #encoder = new ChunkEncoder();
  readonly #waiting: Promise<Uint8Array>[] = [];
  #chunks = 0;

  constructor(body: TarBody, modified: number) {
    this.#body = body;
    this.#modified = modified;
  }

  /** Adds the next event. `filled` then tells whether {@link settle} is due. */
  add(event: RunEvent): void {
    this.#encoder.add(event);
    if (this.#encoder.full) {
      this.#waiting.push(compress(this.#encoder.take(), options));
    }
  }

  /** Writes finished chunks until only few are under way, or none with `all`. */
  async settle(all = false): Promise<void> {
    if (all && this.#encoder.count > 0) {
      this.#waiting.push(compress(this.#encoder.take(), options));
    }
    while (this.#waiting.length > (all ? 0 : mostWaiting)) {
      const chunk = await this.#waiting.shift();
      if (chunk !== undefined) await this.#write(chunk);
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    const number = String(this.#chunks++).padStart(5, "0");
    await this.#body.addFile({
      path: `events/${number}.msgpack.zst`,
      kind: "file",
      bytes: chunk.length,
      mode: 0o644,
      modified: this.#modified,
    }, only(chunk));
  }
}

async function* only(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}
