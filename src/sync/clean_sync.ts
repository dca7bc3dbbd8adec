import type { RunReader } from "../adapter.ts";
import type { RunRef } from "../model/run.ts";
import {
  clean,
  type CleanOptions,
  type CleanResult,
  isCompared,
  type Proof,
  prove,
} from "./clean.ts";
import { errorReport } from "./error_report.ts";
import type { ErrorReport, Outcome } from "./outcome.ts";

/** What cleaning came to, or why it could not be done. */
export type CleanAttempt = CleanResult & { readonly error?: ErrorReport };

/** Cleans as {@link clean} does; what goes wrong is part of the result. */
export async function tryToClean(proof: Proof, options: CleanOptions): Promise<CleanAttempt> {
  try {
    return await clean(proof, options);
  } catch (error) {
    const report = errorReport(error);
    if (report.code === "internal") throw error;
    const { message } = report;
    const reasons = [/[.!?]$/.test(message) ? message : `${message}.`];
    return { cleaned: false, planned: false, reasons, error: report };
  }
}

/**
 * Transfers a run with `send`, and deletes its directory if it arrived. What `send` did not compare
 * with the destination in the same pass, because it was there already, `compare` does.
 */
export async function sendAndClean(
  ref: RunRef,
  reader: RunReader,
  work: {
    send(reader: RunReader): Promise<readonly Outcome[]>;
    compare(reader: RunReader): Promise<readonly Outcome[]>;
  },
  options: CleanOptions,
): Promise<readonly Outcome[]> {
  const sent = await prove(ref, reader, work.send);
  const isSent = sent.outcomes.every(({ status }) => status !== "failed");
  if (!isSent) return sent.outcomes;
  const proof = isCompared(sent, options.destinations)
    ? sent
    : await prove(ref, reader, work.compare);
  // What is still open counts as in use, and cannot be deleted on every file system.
  await reader[Symbol.asyncDispose]();
  const { cleaned, reasons, error, trash } = await tryToClean(proof, options);
  return sent.outcomes.map((outcome, at): Outcome => {
    const compared = proof.outcomes[at] ?? outcome;
    return {
      ...outcome,
      assurance: compared.assurance,
      differences: compared.differences,
      ...(compared.error === undefined ? {} : { status: "failed", error: compared.error }),
      ...(error === undefined || compared.error !== undefined ? {} : { status: "partial", error }),
      cleaned,
      ...(cleaned ? {} : { kept: reasons }),
      ...(trash === undefined ? {} : { trash }),
    };
  });
}
