import process from "node:process";
import type { GroupResult } from "./compare_facts.ts";

const shownDifferences = 3;
const shownLength = 200;

function short(text: string | undefined): string {
  if (text === undefined) return "nothing";
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line for each thing checked and counts. */
export class Scoreboard {
  #passed = 0;
  #failed = 0;
  readonly #known = new Map<string, number>();

  /** Whether nothing has failed. */
  get good(): boolean {
    return this.#failed === 0;
  }

  /** Notes the result of comparing two runs. */
  compared(scene: string, results: readonly GroupResult[]): void {
    for (const { group, facts, differences, known } of results) {
      for (const reason of known) this.#known.set(reason, (this.#known.get(reason) ?? 0) + 1);
      this.#note(differences.length === 0, `${scene}: ${group} (${facts})`);
      for (const { name, theirs, ours } of differences.slice(0, shownDifferences)) {
        say(`         ${name}: official ${short(theirs)} | ours ${short(ours)}`);
      }
      const more = differences.length - shownDifferences;
      if (more > 0) say(`         … and ${more} more`);
    }
  }

  /** Does one step of a scene; whatever it throws is its failure, and undefined its result. */
  async step<Result>(what: string, act: () => Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await act();
      this.#note(true, what);
      return result;
    } catch (error) {
      this.#note(false, what);
      say(`         ${error instanceof Error ? error.message : error}`.replaceAll("\n", "\n  "));
      return undefined;
    }
  }

  /** Prints the differences that were meant to be, and the closing line. */
  close(): void {
    say("\nDifferences that are meant to be:");
    for (const [reason, groups] of this.#known) say(`  ${reason} (${groups} groups)`);
    say(`\n${this.#passed} passed, ${this.#failed} failed`);
  }

  #note(good: boolean, what: string): void {
    if (good) this.#passed++;
    else this.#failed++;
    say(`${good ? "    ok" : "NOT ok"}  ${what}`);
  }
}
