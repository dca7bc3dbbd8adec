import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogFile } from "../generate/log_file.ts";
import { MessageWriter } from "../generate/message_writer.ts";

/** Numbers of the records' fields in the tracker's protobuf schema. */
const fields = {
  start: 10,
  finish: 11,
  column: 12,
  scalar: 13,
  media: 14,
  log: 16,
  save: 20,
} as const;
const kinds = { scalar: 1, image: 2, text: 4 } as const;
const magic = Buffer.concat([Buffer.from(":SWL"), Buffer.from([0xd6, 0xe1, 2])]);

/** In ms since epoch. */
const startedAt = 1_700_000_000_000;
const keys = ["loss", "val/loss", "val/acc", "rate"];

const files: { readonly [path: string]: string } = {
  "files/config.yaml": "lr:\n  desc: ''\n  sort: 0\n  value: 0.001\n",
  "files/requirements.txt": "swanlab==0.10.3\n",
  "files/swanlab-metadata.json": JSON.stringify({ swanlab: { version: "0.10.3" } }),
  "files/model.bin": "weights ".repeat(2000),
  "media/image/000-a.png": "the bytes of a picture",
  "media/text/001-b.txt": "a text that was logged",
};

/** How much is in it. */
export interface SmallRunOptions {
  /** Values of each of its four keys. */
  readonly rows: number;
  /** Whether its log tells how it ended. */
  readonly ended: boolean;
}

/**
 * Writes a run as swanlab 0.10.3 does when it is offline, with something of every kind that travels
 * in a way of its own, and returns its run directory.
 */
export function writeSmallRun(directory: string, { rows, ended }: SmallRunOptions): string {
  const path = join(directory, "run-20231114_221320-crashed1");
  for (const folder of ["files", "media/image", "media/text"]) {
    mkdirSync(join(path, folder), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  using file = new LogFile(join(path, "run-crashed1.swanlab"), magic);
  const log = new SmallLog(file);
  log.begin(join(path, "files", "model.bin"));
  log.media("picture", kinds.image, "000-a.png", files["media/image/000-a.png"] ?? "");
  log.media("note", kinds.text, "001-b.txt", files["media/text/001-b.txt"] ?? "");
  for (let step = 0; step < rows; step++) log.row(step);
  if (ended) log.end(rows);
  return path;
}

class SmallLog {
  readonly #file: LogFile;
  readonly #message = new MessageWriter();
  #number = 1;

  constructor(file: LogFile) {
    this.#file = file;
  }

  begin(saved: string): void {
    const message = this.#message;
    this.#record(-1, startedAt, fields.start, () => {
      message.text(1, "crashes").text(4, "small run").text(9, "#528d59").text(10, "crashed1");
      message.time(12, startedAt);
    });
    for (const key of keys) this.#column(key, kinds.scalar);
    this.#column("cpu.0", kinds.scalar, true);
    this.#column("picture", kinds.image);
    this.#column("note", kinds.text);
    this.#record(this.#number++, startedAt, fields.save, () => {
      message.text(1, "model.bin").text(2, saved).text(3, saved);
    });
  }

  /** A value of every key, and now and then a line of output. */
  row(step: number): void {
    const message = this.#message;
    const time = startedAt + step * 250;
    for (const [at, key] of keys.entries()) this.#point(key, step, step / (at + 3));
    if (step % 10 !== 0) return;
    this.#point("cpu.0", step / 10, step / 100);
    this.#record(this.#number++, time, fields.log, () => {
      message.text(1, `row ${step} done`).time(3, time).integer(4, step / 10 + 1);
    });
  }

  media(key: string, kind: number, name: string, content: string): void {
    const message = this.#message;
    const sha256 = createHash("sha256").update(content).digest("hex");
    this.#record(this.#number++, startedAt, fields.media, () => {
      message.text(1, key).integer(3, kind).time(4, startedAt);
      message.message(5, () =>
        message.message(1, () => {
          message.text(1, name).text(2, sha256).integer(3, content.length).text(4, `a ${key}`);
        }));
    });
  }

  end(rows: number): void {
    const time = startedAt + rows * 250;
    this.#record(-2, time, fields.finish, () => this.#message.integer(1, 1).time(3, time));
  }

  #point(key: string, step: number, value: number): void {
    const message = this.#message;
    const time = startedAt + step * 250;
    this.#record(this.#number++, time, fields.scalar, () => {
      message.text(1, key);
      if (step > 0) message.integer(2, step);
      message.integer(3, 1).time(4, time).message(5, () => message.double(1, value));
    });
  }

  #column(key: string, kind: number, system: boolean = false): void {
    this.#record(this.#number++, startedAt, fields.column, () => {
      const message = this.#message.integer(1, system ? 2 : 1).integer(2, kind);
      message.text(3, key).text(5, key.split("/")[0] ?? key).integer(6, 3);
    });
  }

  #record(number: number, time: number, field: number, fill: () => void): void {
    const message = this.#message.restart();
    message.integer(1, number).time(2, time).message(field, fill);
    this.#file.write(message.bytes);
  }
}
