import { Dice } from "../generate/dice.ts";
import { crashOnce, type Programs, type Undisturbed, undisturbed } from "./crash_sweep.ts";
import type { Death, Journey } from "./place.ts";

const journeys: readonly Omit<Journey, "run">[] = [
  { command: ["sync"], to: ["archive"] },
  { command: ["sync", "--exact"], to: ["host"] },
  { command: ["sync", "--exact"], to: ["archive", "host"] },
  { command: ["sync", "--clean"], to: ["archive"] },
  { command: ["sync", "--clean", "--exact"], to: ["archive", "host"] },
  { command: ["sync", "--clean", "--trash", "trash"], to: ["archive"] },
  { command: ["watch", "--once"], to: ["archive", "host"] },
];

/** Programs that die by chance, of a signal or a power cut, and again when they are started anew. */
export class RandomDeaths {
  readonly #scratch: string;
  readonly #programs: Programs;
  readonly #run: string;
  readonly #peace = new Map<number, Promise<Undisturbed>>();

  /** `scratch` is a directory for all that is needed, `run` the run directory that travels. */
  constructor(scratch: string, programs: Programs, run: string) {
    this.#scratch = scratch;
    this.#programs = programs;
    this.#run = run;
  }

  /** What is not as it should be after the deaths of one seed, one line for each difference. */
  async play(seed: number): Promise<readonly string[]> {
    const dice = new Dice(seed);
    const number = dice.below(journeys.length);
    const journey: Journey = { command: [], to: [], ...journeys[number], run: this.#run };
    const { expected, changes } = await this.#undisturbed(number, journey);
    const deaths = [deathOf(dice, changes), deathOf(dice, changes)];
    const crash = { journey, programs: this.#programs, deaths, expected };
    const found = await crashOnce(this.#scratch, crash) ?? [];
    return found.map((text) => `seed ${seed}, ${journey.command.join(" ")}: ${text}`);
  }

  #undisturbed(number: number, journey: Journey): Promise<Undisturbed> {
    const known = this.#peace.get(number) ??
      undisturbed(this.#scratch, journey, this.#programs.dying);
    this.#peace.set(number, known);
    return known;
  }
}

function deathOf(dice: Dice, changes: number): Death {
  const at = 1 + dice.below(changes);
  if (dice.below(3) === 0) return { at };
  return { at, leaving: { names: dice.below(5) / 4, zeros: dice.below(2) === 0 } };
}
