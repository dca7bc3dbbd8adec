import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startedAt } from "../generate/generated_run.ts";
import { writePart } from "../generate/run_part.ts";

const trackers = ["swanlab", "wandb"] as const;
/** The last step of each run, as it is made. */
const lastStep = 200;
/** By how many steps a run that changes is longer. */
const furtherSteps = 20;

/** Many small runs of both trackers that have ended. */
export class NoopRuns {
  /** The folder of all. */
  readonly place: string;
  readonly #paths: readonly string[];

  /** Makes so many below a directory. */
  constructor(directory: string, count: number) {
    this.place = join(directory, "runs");
    this.#paths = Array.from({ length: count }, (_, number) => this.#write(number, lastStep));
  }

  /** How many there are. */
  get count(): number {
    return this.#paths.length;
  }

  /** Makes one of them anew, longer than it was at first. */
  lengthen(number: number): void {
    const path = this.#paths[number];
    if (path === undefined) throw new Error(`There is no run ${number} of ${this.count}`);
    rmSync(path, { recursive: true });
    this.#write(number, lastStep + furtherSteps);
  }

  #write(number: number, last: number): string {
    const tracker = trackers[number % 2] ?? "swanlab";
    const user = join(this.place, `user-${number % 10}`);
    const directory = join(user, tracker === "wandb" ? "wandb" : "swanlog");
    mkdirSync(directory, { recursive: true });
    return writePart({
      tracker,
      directory,
      id: `noop${number}`,
      startedAt: startedAt + number * 60_000,
      steps: [0, last],
      loss: 1,
    });
  }
}
