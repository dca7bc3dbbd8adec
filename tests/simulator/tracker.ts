import { Buffer } from "node:buffer";
import type { DirectoryNode, FileNode, ModelDisk } from "./model_disk.ts";
import { type LogLine, logName, type Row, rowsOf } from "./model_log.ts";
import { runsFolder } from "./places.ts";

/** A run directory that was written. */
export interface Tracked {
  readonly id: string;
  readonly isCopy: boolean;
  readonly node: DirectoryNode;
  readonly log: FileNode;
}

/** Writes runs as a training program would; all that it wrote is safe on disk. */
export class Tracker {
  /** Every directory that was ever made. */
  readonly directories: Tracked[] = [];
  readonly #disk: ModelDisk;
  readonly #now: () => number;
  #values = 0;
  #made = 0;

  constructor(disk: ModelDisk, now: () => number) {
    this.#disk = disk;
    this.#now = now;
    disk.makeDirectory(disk.slot(runsFolder, true));
    disk.syncAll();
  }

  /**
   * The directory that a run is written to now; undefined when it is gone, or on its way: whoever
   * opens its log by name does not find it then.
   */
  current(id: string): Tracked | undefined {
    const last = this.directories.findLast((each) => each.id === id && !each.isCopy);
    if (last === undefined || !this.isThere(last)) return undefined;
    return this.#disk.pathOf(last.node).startsWith(`${runsFolder}/run-`) ? last : undefined;
  }

  /** Whether a directory is somewhere, whatever its name. */
  isThere({ node }: Tracked): boolean {
    return node.parent?.entries.get(node.name) === node;
  }

  /** Begins a run, or goes on with it in another directory. */
  begin(id: string): Tracked {
    const name = `run-20260101_${String(++this.#made).padStart(6, "0")}-${id}`;
    const tracked = this.#make(id, `${runsFolder}/${name}`, false);
    this.#append(tracked, `${JSON.stringify({ type: "run", id, startedAt: this.#now() })}\n`);
    return tracked;
  }

  /** Logs rows. */
  write(tracked: Tracked, count: number): void {
    for (let at = 0; at < count; at++) {
      const row: Row = { step: this.#lastStep(tracked.id) + 1, value: ++this.#values };
      this.#line(tracked, { type: "row", ...row });
    }
  }

  /** Logs that the run ended. */
  finish(tracked: Tracked): void {
    this.#line(tracked, { type: "finish" });
  }

  /** Logs half a line. */
  tear(tracked: Tracked): void {
    this.#append(tracked, '{"type":"row","st');
  }

  /** Somebody copies a directory as it is. */
  copy({ id, node, log }: Tracked): void {
    const folder = `${runsFolder}/copy-${++this.#made}`;
    this.#disk.makeDirectory(this.#disk.slot(folder, true));
    const copy = this.#make(id, `${folder}/${node.name}`, true);
    this.#append(copy, log.content.toString());
  }

  /** Somebody puts an empty folder in the place of a directory, which gets another name. */
  replace({ node }: Tracked): void {
    const path = this.#disk.pathOf(node);
    const slot = this.#disk.slot(path, false);
    this.#disk.rename(slot, this.#disk.slot(`${path}-moved-${++this.#made}`, false));
    this.#disk.makeDirectory(this.#disk.slot(path, false));
    this.#disk.syncAll();
  }

  #make(id: string, path: string, isCopy: boolean): Tracked {
    const node = this.#disk.makeDirectory(this.#disk.slot(path, false));
    const log = this.#disk.create(this.#disk.slot(`${path}/${logName}`, false));
    this.#disk.makeDirectory(this.#disk.slot(`${path}/files`, false));
    const note = this.#disk.create(this.#disk.slot(`${path}/files/note.txt`, false));
    this.#disk.write(note, Buffer.from(`A note about ${id}.\n`));
    this.#disk.syncAll();
    const tracked = { id, isCopy, node, log };
    this.directories.push(tracked);
    return tracked;
  }

  #lastStep(id: string): number {
    const steps = this.directories.filter((each) => each.id === id)
      .flatMap(({ log }) => rowsOf(log.content.toString()).map(({ step }) => step));
    return Math.max(-1, ...steps);
  }

  #line(tracked: Tracked, line: LogLine): void {
    this.#append(tracked, `${JSON.stringify(line)}\n`);
  }

  #append({ log }: Tracked, text: string): void {
    this.#disk.write(log, Buffer.concat([log.content, Buffer.from(text)]));
    this.#disk.sync(log);
  }
}
