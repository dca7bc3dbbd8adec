import { resolve } from "node:path";
import { type TarReport, verifyArchive } from "../archive/verify.ts";
import type { Tally } from "../model/tally.ts";
import { errorReport } from "../sync/error_report.ts";
import type { Outcome } from "../sync/outcome.ts";
import type { Session } from "./session.ts";
import type { Shell } from "./shell.ts";

const nothing = {
  excluded: {},
  sent: 0,
  present: 0,
  losses: [],
  gaps: 0,
  cleaned: false,
} as const;

/**
 * Reads everything in these archives again and yields an outcome per tar. An archive that cannot
 * be read is a failed outcome; the others go on.
 */
export async function* rereadArchives(
  paths: readonly string[],
  { cwd, now }: Shell,
  { progress, context }: Session,
): AsyncGenerator<Outcome> {
  for (const path of paths) {
    const root = resolve(cwd, path);
    let started = now();
    try {
      for await (const report of verifyArchive(root, (bytes) => progress.bytes(bytes))) {
        const outcome = tarOutcome(report, root, (now() - started) / 1000);
        progress.points(outcome.points);
        yield outcome;
        context.signal.throwIfAborted();
        started = now();
      }
    } catch (error) {
      yield {
        ...nothing,
        path: root,
        destination: `archive:${root}`,
        status: "failed",
        events: {},
        assurance: "none",
        differences: [],
        points: 0,
        files: 0,
        bytes: 0,
        seconds: (now() - started) / 1000,
        error: errorReport(error),
      };
      if (context.signal.aborted) return;
    }
  }
}

function tarOutcome(report: TarReport, root: string, seconds: number): Outcome {
  const { path, differences, info, tally, bytes } = report;
  const whole = differences.length === 0;
  return {
    ...nothing,
    path,
    source: "archive",
    ...(info === undefined ? {} : { info }),
    destination: `archive:${root}`,
    status: whole ? "done" : "failed",
    events: tally?.events ?? {},
    gaps: tally?.events.gap ?? 0,
    assurance: whole ? "exact" : "none",
    differences,
    points: tally === undefined ? 0 : pointsOf(tally),
    files: Object.keys(tally?.files ?? {}).length,
    bytes,
    seconds,
    ...(whole ? {} : {
      error: {
        code: "verify",
        message: `${path} is not as it was written: ${differences[0]}`,
        hint: "Sync the run again from its source, or take the tar from a copy of the archive.",
      },
    }),
  };
}

function pointsOf({ metrics, system }: Tally): number {
  return [...Object.values(metrics), ...Object.values(system)].reduce(
    (sum, { points }) => sum + points,
    0,
  );
}
