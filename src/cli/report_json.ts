import { writeLosslessJson } from "../codec/lossless_json.ts";
import type { ErrorReport, Outcome, Totals } from "../sync/outcome.ts";
import type { RunDetails } from "./details.ts";
import { detailsJson } from "./json_details.ts";
import { inspectionJson, type JsonLine, runJson } from "./json_run.ts";
import type { ListedRun } from "./listed_run.ts";
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

  listed({ inspection, synced }: ListedRun): Promise<void> {
    const there = synced.filter(({ state }) => state !== "never");
    return this.#line({ type: "run", ...inspectionJson(inspection), synced: there });
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

  #line(value: JsonLine): Promise<void> {
    return this.#output.write(`${writeLosslessJson(value)}\n`);
  }
}

function outcomeJson({ info, path, source, ...outcome }: Outcome): JsonLine {
  return {
    type: "run",
    path,
    source,
    run: info === undefined ? undefined : runJson(info),
    ...outcome,
  };
}
