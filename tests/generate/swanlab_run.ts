import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Dice } from "./dice.ts";
import { type GeneratedRun, type GenerateOptions, keyNames, startedAt } from "./generated_run.ts";
import { LogFile } from "./log_file.ts";
import { MessageWriter } from "./message_writer.ts";

/** Numbers of the records' fields in the tracker's protobuf schema. */
const fields = { start: 10, finish: 11, column: 12, scalar: 13, log: 16, save: 20 } as const;
const magic = Buffer.concat([Buffer.from(":SWL"), Buffer.from([0xd6, 0xe1, 2])]);
const rowMilliseconds = 250;

const configFile = "lr:\n  desc: ''\n  sort: 0\n  value: 0.001\n";
const saves = [
  { number: -4, name: "metadata", file: "swanlab-metadata.json", type: 2 },
  { number: -5, name: "requirements", file: "requirements.txt", type: 3 },
  { number: -3, name: "config", file: "config.yaml", type: 1 },
] as const;

/** Writes the records of one run. */
class SwanlabLog {
  readonly #file: LogFile;
  readonly #message = new MessageWriter();
  readonly #dice: Dice;
  readonly #keys: readonly string[];
  #number = 1;

  constructor(file: LogFile, { keys, seed }: GenerateOptions) {
    this.#file = file;
    this.#dice = new Dice(seed);
    this.#keys = keyNames(keys);
  }

  begin(id: string, path: string): void {
    const message = this.#message;
    this.#record(-1, startedAt, fields.start, () => {
      message.text(1, "bench").text(4, "big run").text(9, "#528d59").text(10, id);
      message.time(12, startedAt);
    });
    for (const { number, name, file, type } of saves) {
      this.#record(number, startedAt, fields.save, () => {
        message.text(1, name).text(2, join(path, "files", file)).integer(5, type);
      });
    }
    for (const key of this.#keys) {
      this.#record(this.#number++, startedAt, fields.column, () => {
        message.integer(1, 1).integer(2, 1).text(3, key).text(5, key.split("/")[0] ?? key);
        message.integer(6, 3);
      });
    }
  }

  /** What the client writes for one call of `log`: a record for each key. */
  row(step: number): void {
    const message = this.#message;
    const time = startedAt + step * rowMilliseconds;
    for (const key of this.#keys) {
      this.#record(this.#number++, time, fields.scalar, () => {
        message.text(1, key);
        if (step > 0) message.integer(2, step);
        message.integer(3, 1).time(4, time);
        message.message(5, () => message.double(1, this.#dice.fraction()));
      });
    }
    if (step % 100 !== 0) return;
    this.#record(this.#number++, time, fields.log, () => {
      message.text(1, `row ${step} done`).time(3, time).integer(4, step / 100 + 1);
    });
  }

  end(rows: number): void {
    const time = startedAt + rows * rowMilliseconds;
    this.#record(-2, time, fields.finish, () => this.#message.integer(1, 1).time(3, time));
  }

  #record(number: number, time: number, field: number, fill: () => void): void {
    const message = this.#message.restart();
    message.integer(1, number).time(2, time).message(field, fill);
    this.#file.write(message.bytes);
  }
}

/** Writes a run as swanlab 0.10.3 does when it is offline. */
export function generateSwanlab(options: GenerateOptions): GeneratedRun {
  const id = `big${options.rows}x${options.keys}`;
  const path = join(options.directory, `run-20231114_221320-${id}`);
  mkdirSync(join(path, "files"), { recursive: true });
  writeFileSync(join(path, "files", "config.yaml"), configFile);
  writeFileSync(join(path, "files", "requirements.txt"), "swanlab==0.10.3\n");
  writeFileSync(
    join(path, "files", "swanlab-metadata.json"),
    JSON.stringify({ swanlab: { version: "0.10.3" } }),
  );
  const log = join(path, `run-${id}.swanlab`);
  using file = new LogFile(log, magic);
  const records = new SwanlabLog(file, options);
  records.begin(id, path);
  for (let step = 0; step < options.rows; step++) records.row(step);
  records.end(options.rows);
  return { path, log, bytes: file.size, records: file.records };
}
