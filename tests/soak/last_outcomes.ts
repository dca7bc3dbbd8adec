/** What is left to be said against single runs once nothing disturbs any more. */
export interface LastOutcomes {
  readonly problems: readonly string[];
  /** Run directories of which a point had to give way to another part's. */
  readonly outdone: ReadonlySet<string>;
}

/** The one loss that is no fault of ours: hosts keep the first value of a step. */
const keptFirst = /had this step at the host, which keeps its value/;

/** Reads the lines of a sync that nothing disturbed. */
export function lastOutcomes(stdout: string): LastOutcomes {
  const problems: string[] = [];
  const outdone = new Set<string>();
  for (const line of stdout.split("\n").slice(0, -1)) {
    const { type, path, status, losses = [] } = JSON.parse(line);
    if (type === "summary") continue;
    const rejected = losses.filter(({ kind }: Loss) => kind === "rejected" || kind === "truncated");
    if (rejected.length > 0 && rejected.every(({ reason }: Loss) => keptFirst.test(reason))) {
      outdone.add(path);
    } else if (rejected.length > 0 || status !== "done" && status !== "skipped") {
      problems.push(line);
    }
  }
  return { problems, outdone };
}

interface Loss {
  readonly kind: string;
  readonly reason: string;
}
