import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../errors.ts";
import { makeFolder, syncFolder } from "../files/durable_folder.ts";
import {
  type AckEntry,
  type CleanEntry,
  type FinishEntry,
  type JournalEntry,
  type OpenEntry,
  parseEntry,
  type VerifyEntry,
} from "./journal_entry.ts";

/** What a journal amounts to: its last word on each matter. */
export interface JournalState {
  readonly opened?: OpenEntry;
  /** Of the transfer that `opened` began. */
  readonly acknowledged?: AckEntry;
  readonly finished?: FinishEntry;
  /** The last comparison; gone as soon as something is opened behind it. */
  readonly verified?: VerifyEntry;
  readonly cleaned?: CleanEntry;
  /** A comparison found differences, and none since found that all is there. */
  readonly doubted?: true;
}

/** How much of the end of a journal is read, in bytes: many transfers' worth. */
const longest = 1024 * 1024;

/**
 * What happened between one run and one destination, as a file that is only ever appended to. It is
 * never needed for being right: what it does not know is asked of the destination.
 */
export class Journal {
  /** Absolute path of the file. */
  readonly path: string;
  readonly #writing: Writing;
  #state: JournalState;
  /** Whether the file ends in the middle of a line. */
  #torn: boolean;
  #isNew: boolean;

  private constructor(path: string, writing: Writing, content: Uint8Array | undefined) {
    this.path = path;
    this.#writing = writing;
    this.#isNew = content === undefined;
    this.#torn = content !== undefined && content.length > 0 && content.at(-1) !== newline;
    this.#state = stateOf(new TextDecoder().decode(content));
  }

  /** Reads what there is; a file that cannot be read is as good as none. */
  static async open(path: string, writing: Writing): Promise<Journal> {
    return new Journal(path, writing, await readEnd(path));
  }

  get state(): JournalState {
    return this.#state;
  }

  /** Adds entries; they are on disk when this returns, unless nothing can be written there. */
  async append(...entries: readonly JournalEntry[]): Promise<void> {
    await this.#writing(() => this.#write(entries));
    for (const entry of entries) this.#state = next(this.#state, entry);
  }

  async #write(entries: readonly JournalEntry[]): Promise<void> {
    const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    if (this.#isNew) await makeFolder(dirname(this.path), 0o700);
    const file = await open(this.path, "a", 0o600);
    try {
      const start = this.#torn ? "\n" : "";
      this.#torn = true;
      // One write, so that what another process appends stays apart.
      await file.appendFile(start + lines);
      await file.sync();
      this.#torn = false;
    } finally {
      await file.close();
    }
    if (this.#isNew) await syncFolder(dirname(this.path));
    this.#isNew = false;
  }
}

const newline = 0x0a;

/** Does the writing, or not, where it is known that nothing can be written. */
type Writing = (write: () => Promise<void>) => Promise<void>;

/** The end of a file, from the beginning of a line on; undefined where it cannot be read. */
async function readEnd(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readPart(await open(path, constants.O_RDONLY));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

async function readPart(file: FileHandle): Promise<Uint8Array> {
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - longest);
    const buffer = new Uint8Array(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const content = buffer.subarray(0, bytesRead);
    return from === 0 ? content : content.subarray(content.indexOf(newline) + 1);
  } finally {
    await file.close();
  }
}

function stateOf(text: string): JournalState {
  let state: JournalState = {};
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const entry = parseEntry(line);
    if (entry === "unknown") continue;
    state = entry === "damaged" ? remains(state) : next(state, entry);
  }
  return state;
}

/** What still counts when anything may have been sent since, and anything found. */
function remains({ opened, cleaned, doubted }: JournalState): JournalState {
  return {
    ...(opened === undefined ? {} : { opened }),
    ...(cleaned === undefined ? {} : { cleaned }),
    ...(doubted === undefined ? {} : { doubted }),
  };
}

/** What a journal amounts to after one more entry. */
function next(state: JournalState, entry: JournalEntry): JournalState {
  switch (entry.type) {
    case "open":
      return { ...remains(state), opened: entry };
    case "ack": {
      // Nothing was open before the part of the file that was read.
      if (state.opened === undefined) return state;
      const { verified: _, ...rest } = state;
      return { ...rest, acknowledged: entry };
    }
    case "finish":
      return { ...state, finished: entry };
    case "verify": {
      const { doubted: _, ...rest } = state;
      return { ...rest, verified: entry, ...(entry.differences === 0 ? {} : { doubted: true }) };
    }
    case "clean":
      return { ...state, cleaned: entry };
  }
}
