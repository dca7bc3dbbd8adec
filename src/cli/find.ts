import { relative } from "node:path";
import type { Context } from "../adapter.ts";
import { NoRunError, SourceError, type ToolError, UsageError } from "../errors.ts";
import type { RunRef } from "../model/run.ts";
import { type Found, plan } from "../sync/plan.ts";
import { sources } from "../../adapters/mod.ts";
import type { Shell } from "./shell.ts";

/** How many runs an error message lists. */
const listed = 5;

/** Everything at these paths, or where trackers put runs below the current directory. */
export function findRuns(
  paths: readonly string[],
  context: Context,
  { cwd }: Shell,
): AsyncIterable<Found> {
  return plan(paths, sources, context, { cwd });
}

/**
 * Passes on what is found. One id cannot stand for several runs: they would be merged.
 * @throws {UsageError} when there is an id and more than one run; before anything is passed on.
 */
export async function* onlyOne(
  found: AsyncIterable<Found>,
  id: string | undefined,
): AsyncGenerator<Found> {
  if (id === undefined) {
    yield* found;
    return;
  }
  const all = await Array.fromAsync(found);
  const runs = all.filter(({ type }) => type === "run");
  if (runs.length > 1) {
    throw new UsageError(
      `The id ${id} cannot be given to ${runs.length} runs: it would merge them`,
      {
        hint: "Name one run, or leave the id out: each run then keeps its own.",
      },
    );
  }
  yield* all;
}

/** Leaves out places that hold no run: who cleans them every night wants them to be empty. */
export function withoutEmptied(found: readonly Found[], { notice }: Context): readonly Found[] {
  return found.filter((each) => {
    const isEmptied = each.type === "problem" && each.error instanceof NoRunError;
    if (isEmptied) notice(`${each.error.message}; there is nothing to do.`);
    return !isEmptied;
  });
}

/** Why there is nothing to do, when there is no run at all. */
export function nothingFound(
  paths: readonly string[],
  found: number,
): ToolError {
  if (found > 0) {
    return new SourceError("No run is left after --include and --exclude", {
      hint: "runferry ls shows the runs with what filters can match.",
    });
  }
  const where = paths.length === 0
    ? "swanlog/, wandb/ or .wandb/ of the current directory"
    : paths.join(", ");
  return new SourceError(`No run found in ${where}`, {
    hint: "Give the path of a run directory, or of any directory above it.",
  });
}

/**
 * The one run at a path.
 * @throws {SourceError} when there is none, {UsageError} when there are several.
 */
export async function findRun(
  path: string,
  context: Context,
  shell: Shell,
): Promise<RunRef> {
  const refs: RunRef[] = [];
  let problem: ToolError | undefined;
  for await (const found of findRuns([path], context, shell)) {
    if (found.type === "run") refs.push(found.ref);
    else problem ??= found.error;
  }
  const [ref, ...others] = refs;
  if (ref === undefined) throw problem ?? nothingFound([path], 0);
  if (others.length === 0) return ref;
  const names = refs.slice(0, listed).map((each) => relative(shell.cwd, each.path));
  const more = refs.length > listed ? ` and ${refs.length - listed} more` : "";
  throw new UsageError(
    `${path} holds ${refs.length} runs, not one`,
    { hint: `Give the path of one of them: ${names.join(", ")}${more}.` },
  );
}
