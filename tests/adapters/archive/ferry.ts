import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { archive } from "../../../adapters/destinations/archive/destination.ts";
import { archive as archiveSource } from "../../../adapters/sources/archive/source.ts";
import type { Context, Destination, RunReader } from "../../../src/adapter.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { Outcome } from "../../../src/sync/outcome.ts";
import { silentProgress } from "../../silent_progress.ts";
import { transfer } from "../../../src/sync/transfer.ts";
import { testContext } from "../../contract/context.ts";

/** Ferries a run as `sync` does and returns what became of it. */
export async function ferry(
  run: RunReader,
  to: string | Destination,
  context: Context = testContext(),
): Promise<Outcome> {
  const destination = typeof to === "string" ? archive(to) : to;
  const [outcome] = await transfer(run, [destination], {
    excluded: { console: false, media: false },
    recheck: false,
    context,
    progress: silentProgress,
  });
  assert.ok(outcome !== undefined);
  return outcome;
}

/** Ferries a run that must arrive whole; returns what became of it. */
export async function ferryWhole(run: RunReader, to: string | Destination): Promise<Outcome> {
  const outcome = await ferry(run, to);
  assert.deepEqual(outcome.error, undefined);
  assert.deepEqual(outcome.losses, []);
  assert.equal(outcome.assurance, "exact");
  return outcome;
}

/** Opens a tar as a run. */
export function openTar(path: string): Promise<RunReader> {
  return archiveSource.open({ source: "archive", path }, testContext());
}

/** Every event of a run. */
export async function eventsOf(run: RunReader): Promise<readonly RunEvent[]> {
  return (await Array.fromAsync(run.events())).flat();
}

/** The files below a folder, sorted, with their content as one letter per byte. */
export function filesBelow(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile()).sort();
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), "latin1")]));
}

/** The content of a file of a run. */
export async function contentOf(run: RunReader, path: string): Promise<string> {
  const pieces = await Array.fromAsync(await run.file({ path }));
  return Buffer.concat(pieces).toString("latin1");
}
