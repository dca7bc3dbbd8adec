import { Digest, DigestSum } from "../../../src/model/digest.ts";
import { StepSet } from "./step_set.ts";
import { stepText } from "./step_text.ts";

/** What is expected of a key's points, or what the host has of them. */
export class SeriesTally {
  /** The only steps that count, where not all do. */
  readonly #only: StepSet | undefined;
  readonly steps: StepSet = new StepSet();
  /** Of all (step, value), whatever their order. */
  readonly sum: DigestSum = new DigestSum();
  /** Sum of step times digest, modulo 2^32: tells which single point differs. */
  weighted = 0;
  /**
   * Sum of the times of all points in ms, which hosts keep only to the millisecond; NaN when one
   * does not tell them.
   */
  times = 0;
  /** Points beyond the first at their steps. */
  doubled = 0;
  /** Points at steps that do not count. */
  others = 0;
  readonly #point = new Digest();

  /** With `only`, points at other steps are ignored. */
  constructor(only?: StepSet) {
    this.#only = only;
  }

  /** Adds a point; false when it does not count, or its step has one. */
  add(step: number, time: number, value: number): boolean {
    if (!this.#addStep(step, time)) return false;
    // What servers keep of a zero has no sign.
    this.#addPoint(step, this.#point.restart().number(step).number(value + 0));
    return true;
  }

  /** The same for a point that is a text, such as the items of a media point. */
  addText(step: number, time: number, value: string): boolean {
    if (!this.#addStep(step, time)) return false;
    this.#addPoint(step, this.#point.restart().number(step).text(value));
    return true;
  }

  #addPoint(step: number, point: Digest): void {
    const before = this.sum.low;
    this.sum.add(point);
    this.weighted = (this.weighted + Math.imul(step, this.sum.low - before)) | 0;
  }

  #addStep(step: number, time: number): boolean {
    if (this.#only !== undefined && !this.#only.has(step)) {
      this.others++;
      return false;
    }
    if (!this.steps.add(step)) {
      this.doubled++;
      return false;
    }
    this.times += time;
    return true;
  }
}

/** How many steps a difference names. */
const mostNamed = 3;

/** How what is held differs from what is expected. */
export interface Difference {
  /** A full sentence. */
  readonly text: string;
  /** Whether something is missing that may still come. */
  readonly missing: boolean;
}

/**
 * How `held` differs from `expected`; undefined when it does not. `whole` tells that nothing else
 * should be there.
 */
export function seriesDifference(
  name: string,
  expected: SeriesTally,
  held: SeriesTally | undefined,
  whole = false,
): Difference | undefined {
  if (held === undefined) return { text: `${name} is not held.`, missing: true };
  const missing = expected.steps.missingIn(held.steps, mostNamed + 1);
  if (missing.length > 0) {
    const steps = missing.slice(0, mostNamed).map(stepText).join(", ") +
      (missing.length > mostNamed ? " …" : "");
    const text = `${name}: ${expected.steps.size} points were delivered, ` +
      `${held.steps.size} are held; step ${steps} is missing.`;
    return { text, missing: true };
  }
  const wrong = held.doubled > 0
    ? `${held.doubled} points are held more than once`
    : held.sum.hex() !== expected.sum.hex()
    ? wrongValues(expected, held)
    : Math.abs(held.times - expected.times) > expected.steps.size + 1
    ? "the times held are not the ones delivered"
    : whole && held.others > 0
    ? `${held.others} points are held that were not delivered`
    : undefined;
  return wrong === undefined ? undefined : { text: `${name}: ${wrong}.`, missing: false };
}

/** Says which step has another value, if it is only one. */
function wrongValues(expected: SeriesTally, held: SeriesTally): string {
  const sum = held.sum.low - expected.sum.low;
  const weighted = (held.weighted - expected.weighted) | 0;
  const fitting: number[] = [];
  for (const step of expected.steps) {
    if (Math.imul(step, sum) === weighted && fitting.push(step) > 1) break;
  }
  const [step] = fitting;
  return step === undefined || fitting.length > 1 || sum === 0
    ? "the values held are not the ones delivered"
    : `the value held at step ${stepText(step)} is not the one delivered`;
}
