import { glob, realpath, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Context, Place, Source } from "../adapter.ts";
import { NoRunError, SourceError, systemCode, type ToolError } from "../errors.ts";
import { walk } from "../files/walk.ts";
import type { RunRef } from "../model/run.ts";
import { trashPrefix } from "./trash.ts";

/** A run, or a path that leads to none. */
export type Found =
  | { readonly type: "run"; readonly ref: RunRef }
  | {
    readonly type: "problem";
    readonly path: string;
    readonly error: ToolError;
  };

/** Where to look when no path is given. */
const defaultPlaces = ["swanlog", "wandb", ".wandb"] as const;

/**
 * Finds the runs that the paths lead to: a run directory, its log, anything inside one, a parent,
 * a whole tree, a pattern, an archive. Yields each run once, however many paths and links lead to
 * it, in the order of paths and then of names. A path that leads nowhere is a problem, not an end.
 * Without paths it looks into `swanlog`, `wandb` and `.wandb` of `cwd`.
 */
export async function* plan(
  paths: readonly string[],
  sources: readonly Source[],
  context: Context,
  { cwd }: { readonly cwd: string },
): AsyncGenerator<Found> {
  const seen = new Set<string>();
  for await (const path of expand(paths, cwd)) {
    for await (
      const found of typeof path === "string" ? search(path, sources, context) : [path]
    ) {
      const name = found.type === "run" ? found.ref.log ?? found.ref.path : found.path;
      if (seen.has(name)) continue;
      seen.add(name);
      yield found;
    }
  }
}

/** Turns patterns and links into real paths; what does not exist becomes a problem. */
async function* expand(
  paths: readonly string[],
  cwd: string,
): AsyncGenerator<string | Found> {
  if (paths.length === 0) {
    yield* expandDefaults(cwd);
    return;
  }
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    const real = await realPath(absolute);
    if (typeof real === "string") {
      yield real;
      continue;
    }
    const matches = /[*?[{]/.test(path) ? (await Array.fromAsync(glob(path, { cwd }))).sort() : [];
    for (const match of matches) yield await realPath(resolve(cwd, match));
    if (matches.length === 0) yield real;
  }
}

async function* expandDefaults(cwd: string): AsyncGenerator<string | Found> {
  let any = false;
  for (const place of defaultPlaces) {
    const real = await realPath(resolve(cwd, place));
    if (typeof real !== "string") continue;
    any = true;
    yield real;
  }
  if (any) return;
  yield problem(
    cwd,
    new SourceError(`There is no ${defaultPlaces.join(", no ")} in ${cwd}`, {
      hint: "Name the directory that holds your runs.",
    }),
  );
}

async function realPath(path: string): Promise<string | Found> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be reached (${code})`;
    return problem(
      path,
      new SourceError(`${path} ${reason}`, { cause: error }),
    );
  }
}

function problem(path: string, error: ToolError): Found {
  return { type: "problem", path, error };
}

/** The runs below a real path, or the run that it is part of. */
async function* search(
  path: string,
  sources: readonly Source[],
  context: Context,
): AsyncGenerator<Found> {
  const isFile = (await stat(path)).isFile();
  const around = isFile ? await surrounding(path, sources, context) : [];
  if (around.length > 0) {
    yield* around;
    return;
  }
  let any = false;
  for await (const found of below(path, sources, context)) {
    any = true;
    yield found;
  }
  if (any) return;
  const outer = isFile ? [] : await surrounding(path, sources, context);
  yield* outer;
  if (outer.length > 0) return;
  yield problem(
    path,
    new NoRunError(`There is no run in ${path}`, {
      hint: "Name a swanlog or wandb directory, one of its runs, or an archive.",
    }),
  );
}

/** Walks a tree; a directory that is a run is not searched any further. */
async function* below(
  path: string,
  sources: readonly Source[],
  context: Context,
): AsyncGenerator<Found> {
  for await (const place of walk(path, { signal: context.signal })) {
    if (basename(place.path).startsWith(trashPrefix)) {
      // Proven, and being deleted: what is left of it is no run.
      place.deeper = false;
      continue;
    }
    if (place.problem) yield problem(place.path, place.problem);
    const refs = await recognise(place, sources, context);
    place.deeper = !refs.some((ref) => ref.path === place.path);
    for (const ref of refs) yield { type: "run", ref };
  }
}

/** The run that the path lies in, looking upwards; only a directory that is itself a run counts. */
async function surrounding(
  path: string,
  sources: readonly Source[],
  context: Context,
): Promise<readonly Found[]> {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    for await (const place of walk(at)) {
      const refs = await recognise(place, sources, context);
      const own = refs.filter((ref) => ref.path === at);
      if (own.length > 0) return own.map((ref) => ({ type: "run", ref }));
      break;
    }
  }
  return [];
}

/** Asks every source; the first that knows the place has it. */
async function recognise(
  place: Place,
  sources: readonly Source[],
  context: Context,
): Promise<readonly RunRef[]> {
  const all: RunRef[] = [];
  for (const source of sources) {
    const refs = await source.recognise(place, context);
    if (refs.some((ref) => ref.path === place.path)) return refs;
    all.push(...refs);
  }
  return all;
}
