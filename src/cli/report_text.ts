import type { ErrorReport, Outcome, Totals } from "../sync/outcome.ts";
import type { RunDetails } from "./details.ts";
import { failureText } from "./failure_text.ts";
import type { ListedRun } from "./listed_run.ts";
import type { Output } from "./output.ts";
import type { Reporter } from "./report.ts";
import { type Paint, painter } from "./style.ts";
import { detailsLines } from "./text_details.ts";
import { listingLines } from "./text_listing.ts";
import { type OutcomeStyle, outcomeText, outcomeTitles } from "./text_outcome.ts";
import { summaryText } from "./text_summary.ts";

/** What a text report needs to know besides where it goes. */
export interface TextOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly cwd: string;
  readonly purpose: "sync" | "verify";
  /** Names of the destinations. */
  readonly destinations: readonly string[];
  /** -1 quiet, 0 normal, 1 verbose, 2 with stacks. */
  readonly verbosity: number;
}

/** Reports for people: results on stdout, what went wrong as a whole on stderr. */
export class TextReporter implements Reporter {
  readonly #options: TextOptions;
  readonly #paint: Paint;
  readonly #listed: ListedRun[] = [];
  readonly #unreadable: ErrorReport[] = [];
  #planned = 0;
  #cancelled = 0;
  #titled = false;

  constructor(options: TextOptions) {
    this.#options = options;
    this.#paint = painter(options.stdout.terminal.colour);
  }

  async outcome(outcome: Outcome): Promise<void> {
    const { stdout, verbosity } = this.#options;
    if (outcome.planned) this.#planned++;
    if (outcome.error?.code === "cancelled") {
      this.#cancelled++;
      return;
    }
    const { status, stale } = outcome;
    const good = status === "done" || status === "skipped" || stale === true;
    if (verbosity < 0 && good) return;
    const style = this.#outcomeStyle();
    if (!this.#titled) await stdout.write(outcomeTitles(style));
    this.#titled = true;
    await stdout.write(outcomeText(outcome, style));
  }

  async summary(totals: Totals, exit: number): Promise<void> {
    const { stdout, verbosity, cwd, purpose, destinations } = this.#options;
    if (verbosity < 0 && exit === 0) return;
    const { columns } = stdout.terminal;
    const paint = this.#paint;
    const planned = this.#planned;
    const cancelled = this.#cancelled;
    const style = { paint, columns, cwd, purpose, destinations, planned, cancelled };
    await stdout.write(summaryText(totals, style));
  }

  listed(run: ListedRun): Promise<void> {
    this.#listed.push(run);
    return Promise.resolve();
  }

  unreadable(path: string, error: ErrorReport): Promise<void> {
    const { message } = error;
    const named = message.includes(path) ? message : `${path}: ${message}`;
    this.#unreadable.push({ ...error, message: named });
    return Promise.resolve();
  }

  async listEnded(): Promise<void> {
    const { stdout, cwd } = this.#options;
    if (this.#listed.length > 0) {
      const [titles = "", ...rows] = listingLines(this.#listed, {
        columns: stdout.terminal.columns,
        cwd,
      });
      const lines = [this.#paint("bold", titles), ...rows];
      await stdout.write(lines.map((line) => `${line}\n`).join(""));
    }
    for (const error of this.#unreadable) await this.failure(error);
  }

  async details(details: RunDetails): Promise<void> {
    const { stdout, cwd, verbosity } = this.#options;
    const lines = detailsLines(details, {
      paint: this.#paint,
      columns: stdout.terminal.columns,
      cwd,
      verbose: verbosity > 0,
    });
    await stdout.write(lines.map((line) => `${line}\n`).join(""));
  }

  async failure(error: ErrorReport): Promise<void> {
    const { stderr } = this.#options;
    const { colour, columns } = stderr.terminal;
    await stderr.write(failureText(error, painter(colour), columns));
  }

  #outcomeStyle(): OutcomeStyle {
    const { stdout, cwd, purpose, destinations, verbosity } = this.#options;
    const longest = Math.max(0, ...destinations.map(({ length }) => length));
    return {
      paint: this.#paint,
      columns: stdout.terminal.columns,
      cwd,
      purpose,
      destination: destinations.length > 1 ? Math.min(longest, 28) : 0,
      verbose: verbosity > 0,
    };
  }
}
