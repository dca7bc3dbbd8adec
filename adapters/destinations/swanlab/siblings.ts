import type { Context, RunPart } from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import { beganBefore } from "../../../src/model/began_before.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import type { KeySteps } from "./overlap.ts";
import { type StepRange, type Steps, stepsIn } from "./step_groups.ts";
import { type Survey, survey, type SurveyOptions } from "./survey.ts";

/** Parts whose points are remembered at most: those of a few runs. */
const mostRemembered = 64;

/** Tells which points the parts of runs have; what was read lately is not read again. */
export class Siblings {
  readonly #options: Omit<SurveyOptions, "context">;
  /** In the order in which they were made. */
  readonly #surveys = new Map<RunPart, Promise<Survey | undefined>>();

  constructor(options: Omit<SurveyOptions, "context">) {
    this.#options = options;
  }

  /** The points of all parts that began after a run, but for those whose steps move behind it. */
  async coming(
    info: RunInfo,
    parts: readonly RunPart[],
    context: Context,
  ): Promise<KeySteps> {
    const all = new Map<string, Steps>();
    for (const part of parts) {
      if (!beganBefore(info, part.info) || isSamePart(part.info, info)) continue;
      const found = await this.#survey(part, context);
      if (found === undefined || found.restarts) continue;
      for (const [key, steps] of found.points) all.set(key, either(all.get(key), steps));
    }
    return all;
  }

  /**
   * Makes sure that no part has a point that another one has as well.
   * @throws {SourceError} when one has.
   */
  async refuseShared(
    info: RunInfo,
    parts: readonly RunPart[],
    { held, context }: { readonly held: KeySteps; readonly context: Context },
  ): Promise<void> {
    const own = parts.find((part) => part.info.path === info.path);
    const mine = own && await this.#survey(own, context);
    const [first] = parts.map((part) => part.info)
      .toSorted((left, right) => beganBefore(right, left) ? 1 : -1);
    const isMoved = (at: RunInfo, { restarts }: Survey): boolean =>
      restarts && first !== undefined && !isSamePart(at, first);
    if (mine === undefined || isMoved(info, mine)) return;
    refuse(info, mine.points, held, "the host");
    for (const part of parts) {
      if (isSamePart(part.info, info)) continue;
      const other = await this.#survey(part, context);
      if (other === undefined || isMoved(part.info, other)) continue;
      refuse(info, mine.points, other.points, part.info.path);
    }
  }

  #survey(part: RunPart, context: Context): Promise<Survey | undefined> {
    let found = this.#surveys.get(part);
    if (found === undefined) {
      found = survey(part, { ...this.#options, context });
      this.#surveys.set(part, found);
      const [oldest] = this.#surveys.keys();
      if (oldest !== undefined && this.#surveys.size > mostRemembered) this.#surveys.delete(oldest);
    }
    return found;
  }
}

/** @throws {SourceError} when a part has a point that somebody else has. */
function refuse({ path }: RunInfo, points: KeySteps, others: KeySteps, whose: string): void {
  for (const [key, steps] of points) {
    const other = others.get(key);
    if (other === undefined) continue;
    for (const step of stepsIn(steps)) {
      if (!other.has(step)) continue;
      throw new SourceError(
        `Cannot send ${path}: ${whose} has ${JSON.stringify(key)} at step ${step} of this run too`,
        { hint: "Say which of the two counts with --overlap last or --overlap first." },
      );
    }
  }
}

/** Whether two run directories are copies of one, of which one may have grown since. */
export function isSamePart(left: PartIdentity, right: PartIdentity): boolean {
  const apart = Math.abs((left.startedAt ?? NaN) - (right.startedAt ?? NaN));
  if (left.beginning !== undefined && right.beginning !== undefined) {
    // A config of many KiB may stand before the time in which two logs differ.
    return left.beginning === right.beginning && !(apart >= 1);
  }
  return left.directory === right.directory || apart < 1;
}

/** What tells the parts of a run apart. */
export type PartIdentity = Pick<RunInfo, "directory" | "startedAt" | "beginning">;

/** The steps that are in one of two. */
function either(left: Steps | undefined, right: Steps): Steps {
  if (left === undefined) return right;
  const ranges = (): Iterable<StepRange> => [...left.ranges(), ...right.ranges()];
  return { has: (step) => left.has(step) || right.has(step), ranges };
}
