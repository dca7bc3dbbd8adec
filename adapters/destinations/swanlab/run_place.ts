import type { RemoteRun } from "./remote_run.ts";
import type { Project } from "./project.ts";
import type { Session } from "./session.ts";

/** A run at a host, as reads of its data need it. */
export interface RunPlace {
  readonly session: Session;
  readonly project: Project;
  readonly run: RemoteRun;
}

/** Statuses that say that a host cannot be asked this. */
export const notOffered: readonly number[] = [404, 405, 501];

/** The earliest bound that hosts take (swanlab-api §7), in unix seconds. */
const earliest = 1_000_000_000;

/**
 * The time since which stored data counts, as questions carry it; hosts that tell no time of the
 * run want none. Only what came since the run was made is shown; without `bounded` all counts.
 */
export function timeBound(
  { run }: RunPlace,
  bounded: boolean,
): { readonly createdAt?: number } {
  const { createdAt } = run;
  return createdAt === undefined ? {} : { createdAt: bounded ? createdAt : earliest };
}

/** How columns are named in questions. */
export function columnRefs(
  place: RunPlace,
  keys: readonly string[],
  bounded: boolean,
): readonly { readonly [name: string]: unknown }[] {
  const { id } = place.run;
  const bound = timeBound(place, bounded);
  return keys.map((key) => ({ experimentId: id, experimentName: id, key, ...bound }));
}

/** Splits a list into parts of at most `size`. */
export function parts<Item>(list: readonly Item[], size: number): readonly (readonly Item[])[] {
  const all: (readonly Item[])[] = [];
  for (let at = 0; at < list.length; at += size) all.push(list.slice(at, at + size));
  return all;
}
