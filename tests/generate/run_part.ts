import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogFile } from "./log_file.ts";
import { MessageWriter } from "./message_writer.ts";

/** One run directory of a run that was resumed: rows, lines, samples, an image and two saved files. */
export interface RunPart {
  readonly tracker: "wandb" | "swanlab";
  /** Existing directory to make the run directory in. */
  readonly directory: string;
  readonly id: string;
  /** ms since epoch, a whole number of seconds. */
  readonly startedAt: number;
  /** The steps that are logged, both ends included. */
  readonly steps: readonly [first: number, last: number];
  /** What `loss` is at each step, so that it tells which part a point is from. */
  readonly loss: number;
  /** Whether W&B logged it online, which its directory is named by. */
  readonly online?: boolean;
  /** How many of the rows also have `val`; each tenth by default. */
  readonly valEvery?: number;
  /** Whether the run ended. */
  readonly ended?: boolean;
}

const magics = {
  wandb: Buffer.concat([Buffer.from(":W&B"), Buffer.from([0xe1, 0xbe, 0])]),
  swanlab: Buffer.concat([Buffer.from(":SWL"), Buffer.from([0xd6, 0xe1, 2])]),
} as const;

/** ms between two rows. */
const rowMilliseconds = 1000;
/** Rows between two lines, and two samples. */
const lineEvery = 20;

/** A PNG of one pixel. */
const picture: Buffer = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Writes the run directory and returns its path. */
export function writePart(part: RunPart): string {
  const path = join(part.directory, directoryName(part));
  const media = part.tracker === "wandb" ? ["files", "media", "images"] : ["media", "image"];
  mkdirSync(join(path, ...media), { recursive: true });
  mkdirSync(join(path, "files"), { recursive: true });
  writeFileSync(join(path, ...media, pictureName(part)), picture);
  writeFileSync(join(path, "files", `model-${part.loss}.txt`), `model of ${part.loss}\n`);
  writeFileSync(join(path, "files", "notes.txt"), `notes of part ${part.loss}\n`);
  using file = new LogFile(join(path, `run-${part.id}.${part.tracker}`), magics[part.tracker]);
  if (part.tracker === "wandb") writeWandb(file, part);
  else writeSwanlab(file, part);
  return path;
}

function directoryName({ tracker, id, startedAt, online = false }: RunPart): string {
  const stamp = new Date(startedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")
    .replace("T", "_");
  return `${tracker === "wandb" && !online ? "offline-" : ""}run-${stamp}-${id}`;
}

function pictureName({ loss, steps: [first] }: RunPart): string {
  return `seen_${first}_${loss}.png`;
}

/** Steps and times of the rows, in order. */
function* rowsOf({ steps: [first, last], startedAt }: RunPart): Generator<[number, number]> {
  for (let step = first; step <= last; step++) {
    yield [step, startedAt + (step - first) * rowMilliseconds];
  }
}

function writeWandb(file: LogFile, part: RunPart): void {
  const { id, startedAt, loss, steps: [first], valEvery = 10, ended = true } = part;
  const message = new MessageWriter();
  const record = (field: number, fill: () => void): void => {
    message.restart().integer(1, file.records + 1).message(field, fill);
    file.write(message.bytes);
  };
  const item = (field: number, key: string, json: string, keyField = 1): void => {
    message.message(field, () => message.text(keyField, key).text(16, json));
  };
  record(21, () => message.message(1, () => message.text(1, "0.31.0").text(2, "0.70.0")));
  record(17, () => {
    message.text(1, id).text(3, "parts");
    message.message(4, () => item(1, `lr-${loss}`, `${loss}`));
    message.time(17, startedAt);
  });
  for (const [step, time] of rowsOf(part)) {
    record(2, () => {
      item(1, "loss", `${loss}`, 2);
      if (step % valEvery === 0) item(1, "val", `${loss}`, 2);
      if (step === first) item(1, "seen", imageJson(part), 2);
      item(1, "_step", `${step}`, 2);
      item(1, "_timestamp", `${time / 1000}`, 2);
      message.message(2, () => {
        if (step > 0) message.integer(1, step);
      });
    });
    if (step % lineEvery !== 0) continue;
    record(13, () => message.integer(1, 1).time(2, time).text(3, `${loss} at ${step}\n`));
    record(7, () => {
      message.time(2, time);
      item(3, "cpu", `${loss}`);
    });
  }
  if (ended) record(18, () => message.integer(2, 1));
}

function imageJson(part: RunPart): string {
  const path = `media/images/${pictureName(part)}`;
  const shape = { width: 1, height: 1, format: "png" };
  return JSON.stringify({ _type: "image-file", path, size: picture.length, ...shape });
}

function writeSwanlab(file: LogFile, part: RunPart): void {
  const { id, startedAt, loss, steps: [first], valEvery = 10, ended = true } = part;
  const message = new MessageWriter();
  let number = 1;
  const record = (time: number, field: number, fill: () => void): void => {
    message.restart().integer(1, number++).time(2, time).message(field, fill);
    file.write(message.bytes);
  };
  const scalar = (key: string, step: number, time: number): void =>
    record(time, 13, () => {
      message.text(1, key);
      if (step > 0) message.integer(2, step);
      message.integer(3, 1).time(4, time).message(5, () => message.double(1, loss));
    });
  record(startedAt, 10, () => {
    message.text(1, "parts").text(4, "parts").text(10, id).time(12, startedAt);
  });
  let lines = 0;
  for (const [step, time] of rowsOf(part)) {
    scalar("loss", step, time);
    if (step % valEvery === 0) scalar("val", step, time);
    if (step === first) {
      record(time, 14, () => {
        message.text(1, "seen").integer(2, step).integer(3, 2).time(4, time);
        message.message(
          5,
          () =>
            message.message(1, () => message.text(1, pictureName(part)).integer(3, picture.length)),
        );
      });
    }
    if (step % lineEvery !== 0) continue;
    record(time, 16, () => message.text(1, `${loss} at ${step}`).time(3, time).integer(4, ++lines));
  }
  if (ended) record(startedAt, 11, () => message.integer(1, 1).time(3, startedAt + 1));
}
