import { beganBefore } from "../../../src/model/began_before.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import { type HeldRun, isSystemKey } from "./held_run.ts";
import type { KeySteps } from "./overlap.ts";
import type { RemoteRun } from "./remote_run.ts";
import { type OwnMark, ownMark } from "./run_profile.ts";
import { type LastPlaces, Segment } from "./segment.ts";
import type { SegmentMark } from "./segment_mark.ts";
import { isSamePart } from "./siblings.ts";
import { byKey } from "./step_groups.ts";

/** A run at a host, and what it has of it. */
export interface Before {
  readonly run: RemoteRun;
  readonly held: HeldRun;
}

/** The part of a run that a directory is. What others made of the run is one part with it. */
export function segmentOf(info: RunInfo, before: Before | undefined): Segment {
  const { startedAt, beginning, writer } = info;
  const mark = before && ownMark(before.run);
  const [name, known] = knownSegment(info, mark) ?? [freeName(info, mark), undefined];
  const isNext = mark !== undefined && known === undefined && mark.segments.size > 0;
  return new Segment({
    name,
    restarts: writer.tracker === "wandb",
    ...(known === undefined ? {} : { known }),
    ...(isNext && before !== undefined ? { last: lastPlaces(before.held.last, mark) } : {}),
    ...(isNext && isLate(info, mark) ? { isLate: true } : {}),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(beginning === undefined ? {} : { beginning }),
  });
}

/** Where a run ends, with what its parts have left to others that may have yet to come. */
function lastPlaces(held: LastPlaces, { segments }: OwnMark): LastPlaces {
  const left = [...segments.values()].flatMap(({ later = [] }) => later)
    .flatMap(({ steps }) => steps.map(([, last]) => last));
  return { ...held, step: left.reduce((last, step) => Math.max(last, step), held.step) };
}

/** Whether a part began before all others, and none of these counted from 0. */
function isLate(info: RunInfo, { segments }: OwnMark): boolean {
  return [...segments].every(([directory, mark]) =>
    mark.moved !== true && !beganBefore({ ...mark, directory }, info)
  );
}

/** What the host has of the points of other parts, as far as that is known before a part is read. */
export function othersAtHost(
  segment: Segment,
  before: Before | undefined,
): { readonly earlier: KeySteps; readonly later: KeySteps } {
  const none: KeySteps = new Map();
  if (before === undefined) return { earlier: none, later: none };
  if (!segment.isNext) {
    const { earlier = [], later = [] } = ownMark(before.run)?.segments.get(segment.name) ?? {};
    return { earlier: byKey(earlier), later: byKey(later) };
  }
  const { scalars, media } = before.held;
  const held = new Map([...scalars, ...media].filter(([key]) => !isSystemKey(key)));
  const { startedAt, name: directory } = segment;
  const own = { directory, ...(startedAt === undefined ? {} : { startedAt }) };
  const marks = [...ownMark(before.run)?.segments ?? []];
  const isEarlier = marks.map(([name, mark]) => beganBefore({ ...mark, directory: name }, own));
  return {
    earlier: isEarlier.includes(true) ? held : none,
    later: isEarlier.includes(false) ? held : none,
  };
}

/** The part that a directory is: by its beginning, else by its name or its start. */
function knownSegment(
  { directory, startedAt, beginning }: RunInfo,
  mark: OwnMark | undefined,
): readonly [name: string, mark: SegmentMark] | undefined {
  const marks = [...mark?.segments ?? []];
  const own = {
    directory,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(beginning === undefined ? {} : { beginning }),
  };
  const same = marks.filter(([name, known]) => isSamePart(own, { ...known, directory: name }));
  return same.find(([, known]) => known.beginning === beginning) ?? same[0];
}

/** A name for a part that the host has not heard of; another one may be called alike. */
function freeName({ directory, beginning = "" }: RunInfo, mark: OwnMark | undefined): string {
  return mark?.segments.has(directory) === true
    ? `${directory}~${beginning.slice(0, 8)}`
    : directory;
}
