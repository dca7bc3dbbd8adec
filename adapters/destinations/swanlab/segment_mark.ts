import type { LosslessObject } from "../../../src/codec/lossless_json.ts";
import { arrayOf, numberOf, objectOf, textOf } from "./json_reply.ts";
import type { StepGroup, StepRange } from "./step_groups.ts";

/** What the metadata of a run say about one of the run directories that make it up. */
export interface SegmentMark {
  /** The last step of the run when this part began to arrive; -1 when it was the first. */
  readonly after: number;
  /** Added to the places of its system samples. */
  readonly samples: number;
  /** Added to the numbers of its lines; absent as long as none is known. */
  readonly lines?: number;
  /** The last line of the run when this part began to arrive; absent once `lines` is known. */
  readonly line?: number;
  /** Whether its steps move behind `after`; absent as long as none is known. */
  readonly moved?: boolean;
  /** ms since epoch. */
  readonly startedAt?: number;
  /** Tells it from others of its name; as in `RunInfo`. */
  readonly beginning?: string;
  /** Digest of its saved files, once all of it was delivered. */
  readonly files?: string;
  /** Points that belong to parts that began before it, or after it, as far as it has them too. */
  readonly earlier?: readonly StepGroup[];
  readonly later?: readonly StepGroup[];
}

/** Reads a mark; what it does not say is as at the beginning of a run. */
export function readMark(mark: LosslessObject): SegmentMark {
  const { moved } = mark;
  const [earlier, later] = [readGroups(mark["earlier"]), readGroups(mark["later"])];
  return {
    after: numberOf(mark["after"]) ?? -1,
    samples: numberOf(mark["samples"]) ?? 0,
    ...given("lines", numberOf(mark["lines"])),
    ...given("line", numberOf(mark["line"])),
    ...(typeof moved === "boolean" ? { moved } : {}),
    ...given("startedAt", numberOf(mark["startedAt"])),
    ...given("beginning", textOf(mark["beginning"])),
    ...given("files", textOf(mark["files"])),
    ...(earlier.length === 0 ? {} : { earlier }),
    ...(later.length === 0 ? {} : { later }),
  };
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [name in Name]?: Value } {
  return value === undefined ? {} : { [name]: value } as { readonly [name in Name]: Value };
}

function readGroups(value: LosslessObject[string] | undefined): readonly StepGroup[] {
  return arrayOf(value).map(objectOf).map(({ steps, keys }) => ({
    steps: arrayOf(steps).map(readRange),
    keys: arrayOf(keys).map((key) => textOf(key) ?? ""),
  }));
}

function readRange(value: LosslessObject[string] | undefined): StepRange {
  const [first = 0, last = first, distance = 1] = arrayOf(value).map((each) => numberOf(each) ?? 0);
  return [first, last, distance];
}
