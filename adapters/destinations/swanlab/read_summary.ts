import { arrayOf, numberOf, objectOf, textOf } from "./json_reply.ts";
import { notOffered, type RunPlace, timeBound } from "./run_place.ts";

/** What a host says that it has of a run: the last step by key, and the last line of the log. */
export interface HeldSummary {
  readonly scalars: ReadonlyMap<string, number>;
  readonly media: ReadonlyMap<string, number>;
  /** 0 when there is none. */
  readonly lines: number;
}

/**
 * The summary of a run, also of what is not shown because it is older than the run; undefined for a
 * host that cannot be asked (swanlab-api §7).
 */
export async function readSummary(place: RunPlace): Promise<HeldSummary | undefined> {
  const { session, project, run } = place;
  const { createdAt } = timeBound(place, false);
  const bound = createdAt === undefined ? "" : `&createdAt=${createdAt}`;
  const reply = await session.call({
    method: "GET",
    path: `/house/metrics/summaries/${encodeURIComponent(project.id)}/` +
      `${encodeURIComponent(run.id)}?all=True${bound}`,
    what: `ask what is there of the run ${run.id}`,
    accept: notOffered,
  });
  if (notOffered.includes(reply.status)) return undefined;
  const value = objectOf(reply.value);
  if (!["scalar", "media", "log"].some((kind) => kind in value)) return undefined;
  return {
    scalars: lastSteps(value["scalar"]),
    media: lastSteps(value["media"]),
    lines: Math.max(0, ...lastSteps(value["log"]).values()),
  };
}

function lastSteps(value: Parameters<typeof arrayOf>[0]): ReadonlyMap<string, number> {
  const steps = new Map<string, number>();
  for (const entry of arrayOf(value)) {
    const { key, step } = objectOf(entry);
    steps.set(textOf(key) ?? "", numberOf(step) ?? -1);
  }
  return steps;
}
