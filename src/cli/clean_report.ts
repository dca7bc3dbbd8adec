import { writeLosslessJson } from "../codec/lossless_json.ts";
import type { ToolError } from "../errors.ts";
import type { Proof } from "../sync/clean.ts";
import { errorReport } from "../sync/error_report.ts";
import type { Outcome } from "../sync/outcome.ts";
import {
  cleanedJson,
  type CleanedRun,
  cleanedText,
  type CleanStyle,
  type CleanSum,
  cleanSumText,
} from "./clean_text.ts";
import { exitCodes, partialExit } from "./exit.ts";
import type { CommonOptions, Session } from "./session.ts";
import type { Shell } from "./shell.ts";
import { signalExit } from "./signals.ts";
import { painter } from "./style.ts";
import { TotalsCounter } from "./totals.ts";

/** What is told of a run before the user has said yes. */
const wouldGo = { cleaned: false, planned: true, reasons: [] } as const;

/** Tells what becomes of each run directory, then the sum. */
export class CleanReport {
  readonly #shell: Shell;
  readonly #options: CommonOptions;
  readonly #session: Session;
  readonly #style: CleanStyle;
  /** Of the comparisons with the destinations. */
  readonly #totals = new TotalsCounter();
  readonly #counts = { runs: 0, cleaned: 0, planned: 0, kept: 0, failed: 0, bytes: 0 };

  constructor(shell: Shell, options: CommonOptions, session: Session) {
    const { stdout, cwd } = shell;
    const { columns, colour } = stdout.terminal;
    this.#shell = shell;
    this.#options = options;
    this.#session = session;
    this.#style = { paint: painter(colour), columns, cwd };
  }

  /** What became of a run that was compared. */
  async run(run: CleanedRun): Promise<void> {
    const { attempt: { cleaned, planned, error }, proof } = run;
    const word = error !== undefined
      ? "failed"
      : cleaned
      ? "cleaned"
      : planned
      ? "planned"
      : "kept";
    this.#counts.runs++;
    this.#counts[word]++;
    if (cleaned || planned) this.#counts.bytes += proof.directory.bytes;
    if (this.#options.json) return await this.#line(cleanedJson(run));
    if (this.#options.quiet && word !== "failed") return;
    await this.#write(cleanedText(run, this.#style));
  }

  /** Shows a person which runs they are about to be asked for, then asks. */
  async ask(waiting: readonly Proof[], ask: () => Promise<boolean>): Promise<boolean> {
    for (const proof of this.#options.json ? [] : waiting) {
      await this.#write(cleanedText({ proof, attempt: wouldGo }, this.#style));
    }
    return await this.#session.progress.aside(ask);
  }

  /** How a comparison ended; what could not even be opened is told at once. */
  async outcome(outcome: Outcome): Promise<void> {
    this.#totals.add(outcome);
    const { info, error } = outcome;
    if (info !== undefined || error === undefined) return;
    this.#counts.runs++;
    this.#counts.failed++;
    const { reporter, progress } = this.#session;
    await progress.aside(() => reporter.unreadable(outcome.path, error));
  }

  /** Tells the sum and returns the exit code; without any run, why there was none. */
  async end(whenNone: () => ToolError | undefined): Promise<number> {
    const { reporter, progress, context, seconds } = this.#session;
    const { runs, failed } = this.#counts;
    const compared = this.#totals.exit();
    await progress.aside(() => reporter.listEnded());
    if (context.signal.aborted) return await this.#sum(signalExit(context.signal));
    if (compared === undefined || runs === 0) {
      const reason = whenNone();
      if (reason === undefined) return await this.#sum(0, seconds());
      const error = errorReport(reason);
      await progress.aside(() => reporter.failure(error));
      return exitCodes[error.code];
    }
    return await this.#sum(compared === 0 && failed > 0 ? partialExit : compared, seconds());
  }

  async #sum(exit: number, seconds: number = this.#session.seconds()): Promise<number> {
    const sum: CleanSum = { ...this.#counts, seconds };
    if (this.#options.json) await this.#line({ type: "summary", ...sum, exit });
    else if (!this.#options.quiet || exit !== 0) await this.#write(cleanSumText(sum, this.#style));
    return exit;
  }

  #line(value: { readonly [field: string]: unknown }): Promise<void> {
    return this.#write(`${writeLosslessJson(value)}\n`);
  }

  #write(text: string): Promise<void> {
    return this.#session.progress.aside(() => this.#shell.stdout.write(text));
  }
}
