import type { RunInfo } from "../model/run.ts";
import type { Inspection } from "../sync/inspect.ts";

/** A line of JSON output; what is undefined is left out of it. */
export interface JsonLine {
  readonly [field: string]: unknown;
}

/** The fields of a run that `sync`, `ls` and `show` share. */
export function runJson({ id, name, project, workspace }: RunInfo): JsonLine {
  return { id, name, project, workspace };
}

/** What `ls` and `show` tell of a run. */
export function inspectionJson(inspection: Inspection): JsonLine {
  const { info } = inspection;
  return {
    path: info.path,
    source: info.source,
    writer: info.writer,
    run: runJson(info),
    tags: inspection.tags,
    group: inspection.group,
    state: inspection.state,
    startedAt: info.startedAt,
    endedAt: inspection.endedAt,
    steps: inspection.steps,
    lastStep: inspection.lastStep,
    events: inspection.events,
    points: inspection.points,
    bytes: inspection.bytes,
    gaps: inspection.gaps,
    tail: inspection.tail,
  };
}
