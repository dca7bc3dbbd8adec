import type { LosslessValue } from "../../src/codec/lossless_json.ts";
import { canonical } from "../interop/json_path.ts";

/** How much of one kind of content is there. */
export interface Mark {
  readonly right: number;
  readonly total: number;
}

/** Collects, kind by kind, what is there as it should be and what is not. */
export class Scorecard {
  readonly #marks = new Map<string, { right: number; total: number }>();
  readonly #misses: string[] = [];

  /** Full sentences about what is not as it should be. */
  get misses(): readonly string[] {
    return this.#misses;
  }

  get marks(): ReadonlyMap<string, Mark> {
    return this.#marks;
  }

  /** Notes whether `found` is `expected`; undefined stands for nothing. */
  equal(
    kind: string,
    what: string,
    found: LosslessValue | undefined,
    expected: LosslessValue | undefined,
  ): void {
    const [left, right] = [canonical(found), canonical(expected)];
    this.holds(kind, `${what} is ${shortened(left)}, not ${shortened(right)}`, left === right);
  }

  /** Notes whether something holds; `otherwise` says what it means when it does not. */
  holds(kind: string, otherwise: string, isRight: boolean): void {
    const mark = this.#marks.get(kind) ?? { right: 0, total: 0 };
    mark.total++;
    if (isRight) mark.right++;
    else this.#misses.push(`${kind}: ${otherwise}`);
    this.#marks.set(kind, mark);
  }
}

function shortened(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`;
}
