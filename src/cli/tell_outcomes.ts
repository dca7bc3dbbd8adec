import { errorReport } from "../sync/error_report.ts";
import type { ToolError } from "../errors.ts";
import type { ErrorReport, Outcome } from "../sync/outcome.ts";
import { exitCodes } from "./exit.ts";
import type { Session } from "./session.ts";
import { signalExit } from "./signals.ts";
import { TotalsCounter } from "./totals.ts";

/**
 * Reports outcomes as they come, then their sum, and resolves to the exit code. Without any
 * outcome the command failed for the reason that `whenNone` gives, or not at all if there is none.
 */
export async function tellOutcomes(
  outcomes: AsyncIterable<Outcome>,
  { reporter, progress, context, seconds }: Session,
  whenNone: () => ToolError | undefined,
): Promise<number> {
  const totals = new TotalsCounter();
  for await (const outcome of outcomes) {
    totals.add(outcome);
    await progress.aside(() => reporter.outcome(outcome));
  }
  let exit = totals.exit();
  let failure: ErrorReport | undefined;
  if (context.signal.aborted) exit = signalExit(context.signal);
  else if (exit === undefined) {
    const reason = whenNone();
    failure = reason && errorReport(reason);
  }
  const code = exit ?? (failure === undefined ? 0 : exitCodes[failure.code]);
  await progress.aside(async () => {
    if (failure !== undefined) await reporter.failure(failure);
    await reporter.summary(totals.totals(seconds()), code);
  });
  return code;
}
