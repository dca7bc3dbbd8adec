import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Dice } from "../generate/dice.ts";
import type { RunPart } from "../generate/run_part.ts";
import type { Diary } from "./diary.ts";
import { GrowingPart } from "./growing_part.ts";

/** ms since epoch, when the first run starts. */
const firstStart = 1_700_000_000_000;
const hour = 3_600_000;
/** Parts of a run, and parts that are written side by side, at most. */
const mostParts = 4;
const mostGrowing = 6;
const mostBytesAtOnce = 6000;

/** What programs do with runs, and somebody with their directories. */
export class Programs {
  /** The parts of each run, in order of start. */
  readonly runs: GrowingPart[][] = [];
  readonly #directory: string;
  readonly #dice: Dice;
  readonly #diary: Diary;
  #parts = 0;
  #copies = 0;

  /** @param directory where `runs` is made, and `backstage` for what is not to be seen yet. */
  constructor(directory: string, dice: Dice, diary: Diary) {
    this.#directory = directory;
    this.#dice = dice;
    this.#diary = diary;
    for (const name of ["runs", "backstage"]) mkdirSync(join(directory, name));
  }

  get parts(): readonly GrowingPart[] {
    return this.runs.flat();
  }

  /** One of them logs something. */
  grow(): void {
    const growing = this.parts.filter(({ isOver }) => !isOver);
    if (growing.length === 0) return;
    const part = this.#dice.pick(growing);
    part.grow(this.#dice.below(mostBytesAtOnce));
    if (part.isOver) this.#diary.tell(`over: ${part.path}`);
  }

  /** A new run begins, unless there are as many as there may be. */
  begin(most: number): void {
    const growing = this.parts.filter(({ isOver }) => !isOver).length;
    if (this.runs.length >= most || growing >= mostGrowing) return;
    const tracker = this.#dice.pick(["wandb", "swanlab"] as const);
    const id = `${tracker[0]}${String(this.runs.length).padStart(7, "0")}`;
    this.runs.push([this.#newPart({ tracker, id, steps: this.#stepsFrom(0) })]);
  }

  /** A run goes on in a directory of its own. */
  resume(): void {
    const over = this.runs.filter((parts) =>
      parts.length < mostParts && parts.at(-1)?.isOver === true
    );
    if (over.length === 0) return;
    const parts = this.#dice.pick(over);
    const before = parts.at(-1)?.part;
    if (before === undefined) return;
    const { tracker, id, steps: [, last] } = before;
    const back = this.#dice.pick([0, 0, 20]);
    // W&B begins at 0 again when it is offline.
    const first = tracker === "wandb" ? 0 : Math.max(0, last + 1 - back);
    parts.push(this.#newPart({ tracker, id, steps: this.#stepsFrom(first) }));
  }

  /** Somebody puts a file into a run directory whose run has ended. */
  addLateFile(): void {
    const there = this.parts.filter(({ isOver, isThere }) => isOver && isThere);
    if (there.length === 0) return;
    const part = this.#dice.pick(there);
    if (part.addLateFile()) this.#diary.tell(`late file: ${part.path}`);
  }

  /** Somebody copies a run directory whose program is gone, and leaves both as they are. */
  copy(): void {
    const there = this.parts.filter(({ isOver, isThere, lateFiles }) =>
      isOver && isThere && lateFiles.length === 0
    );
    if (there.length === 0) return;
    const part = this.#dice.pick(there);
    part.copyTo(join(this.#directory, "runs", `copies-${this.#copies++}`));
    this.#diary.tell(`copied: ${part.path}`);
  }

  #stepsFrom(first: number): readonly [number, number] {
    return [first, first + 50 + this.#dice.below(300)];
  }

  #newPart(part: Pick<RunPart, "tracker" | "id" | "steps">): GrowingPart {
    const number = ++this.#parts;
    const whole: RunPart = {
      ...part,
      directory: join(this.#directory, "runs"),
      startedAt: firstStart + number * hour,
      loss: number,
    };
    const killed = this.#dice.below(4) === 0;
    this.#diary.count(killed ? "parts to be killed" : "parts");
    const growing = new GrowingPart(join(this.#directory, "backstage"), whole, killed);
    const how = killed ? "killed" : "ends";
    this.#diary.tell(`new: ${growing.path} ${growing.part.steps.join()} ${how}`);
    return growing;
  }
}
