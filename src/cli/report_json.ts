import type { ErrorReport, Outcome, Totals } from "../sync/outcome.ts";
import type { Inspection } from "../sync/inspect.ts";
import { writeLosslessJson } from "../codec/lossless_json.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { RunInfo } from "../model/run.ts";
import type { RunDetails } from "./details.ts";
import { detailsJson } from "./json_details.ts";
import type { Output } from "./output.ts";
import type { Reporter } from "./report.ts";

/** JSON Lines on stdout, as docs/json.md documents them. */
export class JsonReporter implements Reporter {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  outcome(outcome: Outcome): Promise<void> {
    return this.#line(outcomeJson(outcome));
  }

  summary(totals: Totals, exit: number): Promise<void> {
    return this.#line({ type: "summary", ...totals, exit });
  }

  listed(inspection: Inspection): Promise<void> {
    return this.#line({ type: "run", ...inspectionJson(inspection) });
  }

  unreadable(path: string, error: ErrorReport): Promise<void> {
    return this.#line({ type: "error", path, ...error });
  }

  async listEnded(): Promise<void> {}

  details(details: RunDetails): Promise<void> {
    return this.#line(detailsJson(details));
  }

  failure(error: ErrorReport): Promise<void> {
    return this.#line({ type: "error", ...error });
  }

  #line(value: JsonObject): Promise<void> {
    return this.#output.write(`${writeLosslessJson(value)}\n`);
  }
}

/** The fields of a run that `sync`, `ls` and `show` share. */
export function runJson(info: RunInfo): JsonObject {
  const { id, name, project, workspace } = info;
  return present({ id, name, project, workspace });
}

/** What `ls` and `show` tell of a run. */
export function inspectionJson(inspection: Inspection): JsonObject {
  const { info, tail, lastStep, endedAt, group } = inspection;
  const { tracker, version, format } = info.writer;
  return present({
    path: info.path,
    source: info.source,
    writer: present({ tracker, version, format }),
    run: runJson(info),
    tags: inspection.tags,
    group,
    state: inspection.state,
    startedAt: info.startedAt,
    endedAt,
    steps: inspection.steps,
    lastStep,
    events: present(inspection.events),
    points: inspection.points,
    bytes: inspection.bytes,
    gaps: inspection.gaps,
    tail: tail === undefined ? undefined : { ...tail },
  });
}

/** The object without the properties that are undefined. */
export function present(
  object: { readonly [key: string]: Json | undefined },
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

function outcomeJson(outcome: Outcome): JsonObject {
  const { info, remote, tail, error } = outcome;
  return present({
    type: "run",
    path: outcome.path,
    source: outcome.source,
    run: info === undefined ? undefined : runJson(info),
    destination: outcome.destination,
    remote: remote === undefined ? undefined : present({ ...remote }),
    status: outcome.status,
    planned: outcome.planned,
    events: present(outcome.events),
    excluded: present(outcome.excluded),
    sent: outcome.sent,
    present: outcome.present,
    losses: outcome.losses.map((loss) => present({ ...loss })),
    gaps: outcome.gaps,
    tail: tail === undefined ? undefined : { ...tail },
    assurance: outcome.assurance,
    differences: outcome.differences,
    points: outcome.points,
    files: outcome.files,
    bytes: outcome.bytes,
    cleaned: outcome.cleaned,
    seconds: outcome.seconds,
    error: error === undefined ? undefined : { ...error },
  });
}
