import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Dice } from "./dice.ts";
import { type GeneratedRun, type GenerateOptions, keyNames, startedAt } from "./generated_run.ts";
import { LogFile } from "./log_file.ts";
import { MessageWriter } from "./message_writer.ts";

/** Numbers of the records' fields in the tracker's protobuf schema. */
const fields = {
  number: 1,
  history: 2,
  summary: 3,
  stats: 7,
  telemetry: 11,
  output: 13,
  run: 17,
  exit: 18,
  header: 21,
  info: 200,
} as const;

const magic = Buffer.concat([Buffer.from(":W&B"), Buffer.from([0xe1, 0xbe, 0])]);
const rowMilliseconds = 50;

/** Writes the records of one run. */
class WandbLog {
  readonly #file: LogFile;
  readonly #message = new MessageWriter();
  readonly #dice: Dice;
  readonly #keys: readonly string[];
  readonly #id: string;

  constructor(file: LogFile, { keys, seed }: GenerateOptions, id: string) {
    this.#file = file;
    this.#dice = new Dice(seed);
    this.#keys = keyNames(keys);
    this.#id = id;
  }

  begin(rows: number): void {
    const message = this.#message;
    this.#record(
      fields.header,
      () => message.message(1, () => message.text(1, "0.31.0").text(2, "0.70.0")),
      true,
    );
    this.#record(fields.run, () => {
      message.text(1, this.#id).text(3, "bench");
      message.message(4, () => {
        this.#item(1, "lr", "0.01", false);
        this.#item(1, "rows", `${rows}`, false);
      });
      message.time(17, startedAt);
    }, true);
    this.#record(fields.telemetry, () => message.text(4, "3.11.7").text(5, "0.31.0"), true);
  }

  /** What the client writes for one call of `log`: the time, the summary, the row. */
  row(step: number): void {
    const elapsed = step * rowMilliseconds;
    const values = this.#keys.map(() => this.#dice.fraction().toPrecision(12));
    const items = (): void => {
      for (const [at, key] of this.#keys.entries()) this.#item(1, key, values[at] ?? "0");
      this.#item(1, "_step", `${step}`);
      this.#item(1, "_timestamp", `${(startedAt + elapsed) / 1000}`);
      this.#item(1, "_runtime", `${elapsed / 1000}`);
    };
    this.#record(fields.summary, () => this.#runtime(Math.floor(elapsed / 1000)));
    this.#record(fields.summary, items);
    this.#record(fields.history, () => {
      items();
      this.#message.message(2, () => {
        if (step > 0) this.#message.integer(1, step);
      });
    });
    if (step % 100 === 0) this.#line(step, startedAt + elapsed);
    if (step % 500 === 0) this.#sample(startedAt + elapsed);
  }

  end(rows: number): void {
    const seconds = Math.floor((rows * rowMilliseconds) / 1000);
    this.#record(fields.exit, () => this.#message.integer(2, seconds), true);
  }

  #runtime(seconds: number): void {
    const message = this.#message;
    message.message(1, () => message.text(2, "_wandb").text(2, "runtime").text(16, `${seconds}`));
    this.#item(1, "_runtime", `${seconds}`, false);
  }

  #line(step: number, time: number): void {
    const message = this.#message;
    this.#record(fields.output, () => {
      message.integer(1, 1).time(2, time).text(3, `row ${step} done\n`);
    }, true);
  }

  #sample(time: number): void {
    this.#record(fields.stats, () => {
      this.#message.time(2, time);
      for (const key of ["cpu", "memory_percent", "proc.memory.rssMB", "disk./.usagePercent"]) {
        this.#item(3, key, (this.#dice.fraction() * 100).toFixed(2), false);
      }
    });
  }

  #item(field: number, key: string, json: string, nested = true): void {
    const message = this.#message;
    message.message(field, () => message.text(nested ? 2 : 1, key).text(16, json));
  }

  #record(field: number, fill: () => void, named = false): void {
    const message = this.#message.restart();
    message.integer(fields.number, this.#file.records + 1).message(field, fill);
    if (named) message.message(fields.info, () => message.text(1, this.#id));
    this.#file.write(message.bytes);
  }
}

/** Writes a run as wandb 0.31.0 does when it is offline: nested keys, a summary at each row. */
export function generateWandb(options: GenerateOptions): GeneratedRun {
  const id = `big${options.rows}x${options.keys}`;
  const path = join(options.directory, `offline-run-20231114_221320-${id}`);
  mkdirSync(join(path, "files"), { recursive: true });
  writeFileSync(join(path, "files", "requirements.txt"), "wandb==0.31.0\n");
  const log = join(path, `run-${id}.wandb`);
  using file = new LogFile(log, magic);
  const records = new WandbLog(file, options, id);
  records.begin(options.rows);
  for (let step = 0; step < options.rows; step++) records.row(step);
  records.end(options.rows);
  return { path, log, bytes: file.size, records: file.records };
}
