import { isUtf8 } from "node:buffer";
import type { RunFiles } from "../../../src/adapter.ts";
import type { MediaItem } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { readSmallFile } from "../../../src/files/small_file.ts";

/** Texts beyond this, in bytes, stay in their files only. */
const longestText = 64 * 1024;

interface Waiting {
  readonly item: { text?: string };
  readonly file: FileRef;
}

/**
 * Puts the content of small text files into media items, where protobuf logs only name the file. A
 * file that cannot be read leaves the item as it is; whoever asks for the file learns why.
 */
export class TextFiles {
  readonly #files: Pick<RunFiles, "file">;
  #waiting: Waiting[] = [];

  constructor(files: Pick<RunFiles, "file">) {
    this.#files = files;
  }

  /** The item, which gets its text at the next {@link fill}. */
  later(item: MediaItem, file: FileRef): MediaItem {
    if ((file.bytes ?? 0) > longestText) return item;
    const waiting = { ...item };
    this.#waiting.push({ item: waiting, file });
    return waiting;
  }

  /** Reads the texts that are waited for. */
  async fill(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { item, file } of waiting) {
      const read = await readSmallFile(this.#files, file.path, longestText);
      if (read === undefined || !("content" in read)) continue;
      if (isUtf8(read.content)) item.text = read.content.toString("utf8");
    }
  }
}
