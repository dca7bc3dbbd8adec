import type { Buffer } from "node:buffer";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { type RunPart, writePart } from "../generate/run_part.ts";

/** Longer than a piece of a record, shorter than a record. */
const tornBytes = 12;
const lateText = "a note\n";

/** A run directory that is written before our eyes, and what its program logged in the end. */
export class GrowingPart {
  /** As its program meant it; its `steps` end where it was killed. */
  readonly part: RunPart;
  /** Its run directory. */
  readonly path: string;
  readonly #log: string;
  readonly #content: Buffer;
  readonly #backstage: string;
  #written = 0;
  /** Whether there is a copy of it. */
  isCopied = false;
  /** Files that somebody put there after its end. */
  readonly lateFiles: string[] = [];
  /** Whether it was seen to be gone, and looked after. */
  isGone = false;

  /**
   * Makes the run directory with an empty log.
   * @param backstage a folder where it is written as a whole first.
   * @param killed whether the program dies in the middle of a record.
   */
  constructor(backstage: string, part: RunPart, killed: boolean) {
    const whole = writePart({ ...part, directory: folderIn(backstage, "whole") });
    this.path = join(part.directory, basename(whole));
    const logName = `run-${part.id}.${part.tracker}`;
    const content = readFileSync(join(whole, logName));
    this.part = killed ? shortened(part) : part;
    this.#backstage = backstage;
    this.#content = killed ? content.subarray(0, bytesUntilDeath(backstage, this.part)) : content;
    this.#log = join(this.path, logName);
    cpSync(whole, this.path, {
      recursive: true,
      filter: (from) => basename(from) !== logName,
    });
    writeFileSync(this.#log, "");
  }

  /** Whether its program is gone. */
  get isOver(): boolean {
    return this.#written === this.#content.length;
  }

  get isThere(): boolean {
    return existsSync(this.path);
  }

  /** Has a copy of the run directory appear in a folder, which need not exist. */
  copyTo(folder: string): void {
    const copy = folderIn(this.#backstage, basename(folder));
    try {
      cpSync(this.path, join(copy, basename(this.path)), {
        recursive: true,
        preserveTimestamps: true,
      });
    } catch (error) {
      // It may go at any moment.
      if (this.isThere) throw error;
      return;
    }
    this.isCopied = true;
    renameSync(copy, folder);
  }

  /** Puts a file into the run directory, unless it is gone; tells whether it did. */
  addLateFile(): boolean {
    if (this.isCopied) return false;
    try {
      writeFileSync(join(this.path, `late-${this.lateFiles.length}.txt`), lateText, { flag: "wx" });
    } catch {
      return false;
    }
    this.lateFiles.push(`late-${this.lateFiles.length}.txt`);
    return true;
  }

  /** Writes so many bytes more. */
  grow(bytes: number): void {
    const to = Math.min(this.#content.length, this.#written + bytes);
    if (to === this.#written) return;
    appendFileSync(this.#log, this.#content.subarray(this.#written, to));
    this.#written = to;
  }
}

/** What is left of a part whose program was killed half way. */
function shortened(part: RunPart): RunPart {
  const [first, last] = part.steps;
  return { ...part, steps: [first, Math.floor((first + last) / 2)], ended: false };
}

/** Where the log of a killed program ends: behind its last row and a piece of the next. */
function bytesUntilDeath(backstage: string, part: RunPart): number {
  const directory = folderIn(backstage, "short");
  const path = writePart({ ...part, directory });
  return readFileSync(join(path, `run-${part.id}.${part.tracker}`)).length + tornBytes;
}

function folderIn(backstage: string, name: string): string {
  const folder = join(backstage, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
