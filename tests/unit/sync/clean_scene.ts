/** A run that was transferred to a destination just now, and may be deleted. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { archive } from "../../../adapters/destinations/archive/destination.ts";
import { wandb } from "../../../adapters/sources/wandb/source.ts";
import type { Assurance, Destination } from "../../../src/adapter.ts";
import type { RunRef } from "../../../src/model/run.ts";
import { type CleanOptions, type Proof, prove } from "../../../src/sync/clean.ts";
import { stampOf } from "../../../src/sync/clean_directory.ts";
import { holdJournal } from "../../../src/sync/clean_hold.ts";
import type { JournalEntry } from "../../../src/sync/journal_entry.ts";
import { Journals } from "../../../src/sync/journals.ts";
import { transfer } from "../../../src/sync/transfer.ts";
import { directoryAt } from "../../../src/sync/trash_identity.ts";
import { testContext } from "../../contract/context.ts";
import { copyInto } from "../../contract/scratch.ts";
import { silentProgress } from "../../silent_progress.ts";

/** Name of its log. */
export const log = "run-fxbasic1.wandb";

/** A run that ended. */
export const fixture = "tests/fixtures/wandb/0.22.0/basic/offline-run-20261123_081011-fxbasic1";

/** A run on its way to be deleted, and all that may be changed on it. */
export interface Scene {
  readonly directory: string;
  readonly ref: RunRef;
  readonly proof: Proof;
  readonly options: CleanOptions;
  /** What the journal's file holds. */
  journal(): readonly JournalEntry[];
}

export interface SceneParts {
  readonly destination?: (directory: string) => Destination;
  /** Changes the run before it is read. */
  readonly before?: (run: string) => void;
  /** Changes an entry of the journal; undefined drops it. */
  readonly entry?: (entry: JournalEntry) => JournalEntry | undefined;
  readonly options?: Partial<CleanOptions>;
}

const context = testContext();
const remote = { id: "there" };

/** What a transfer writes into its journal. */
function entriesOf({ info, outcomes: [outcome], seen }: Proof): readonly JournalEntry[] {
  if (outcome === undefined) return [];
  const { destination, events, gaps, losses, sent, present, assurance, points, files, bytes } =
    outcome;
  const shared = { at: 1, remote, wishes: [], manner: [] };
  const { source, path, id } = info;
  return [
    { type: "open", ...shared, tool: "t", host: hostname(), pid: 1, source, path, id, destination },
    { type: "ack", at: 1, through: (seen?.events ?? 0) - 1, points, sent, present, losses },
    { type: "finish", at: 1, state: "finished", remote, events, gaps, cut: false },
    {
      type: "verify",
      ...shared,
      assurance,
      differences: outcome.differences.length,
      points,
      files,
      bytes,
    },
  ];
}

/** Copies a run, transfers it, and writes the journal of that. */
export async function scene(directory: string, parts: SceneParts = {}): Promise<Scene> {
  mkdirSync(join(directory, "wandb"));
  const run = copyInto(join(directory, "wandb"), fixture);
  parts.before?.(run);
  const destination = parts.destination?.(directory) ?? archive(join(directory, "archive"));
  const ref = { source: "wandb", path: run, log: join(run, "run-fxbasic1.wandb") };
  await using reader = await wandb.open(ref, context);
  const proof = await prove(ref, reader, (watched) =>
    transfer(watched, [destination], {
      excluded: { console: false, media: false },
      recheck: false,
      context,
      progress: silentProgress,
    }));
  const journals = new Journals({
    directory: join(directory, "state"),
    pid: 1,
    tool: "test",
    breakLock: false,
    now: () => 1,
    notice: (message) => assert.fail(message),
  });
  await using held = await holdJournal(journals, proof.info, destination.name);
  const written = await journals.journal(proof.info, destination.name);
  assert.ok(held !== undefined);
  for (const entry of entriesOf(proof)) {
    const changed = parts.entry === undefined ? entry : parts.entry(entry);
    if (changed !== undefined) await written.append(changed);
  }
  return {
    directory,
    ref,
    proof,
    options: {
      destinations: [destination],
      within: [join(directory, "wandb")],
      found: [ref],
      newest: new Set(),
      minAge: 0,
      dryRun: false,
      now: () => Date.parse("2100-01-01"),
      hold: (run, name) => holdJournal(journals, run, name),
      ...parts.options,
    },
    journal: () =>
      readFileSync(written.path, "utf8").trim().split("\n").map((line): JournalEntry =>
        JSON.parse(line)
      ),
  };
}

/** A destination that takes everything and says so, and keeps what `verify` tells. */
export function saying(
  { assurance, lies }: { readonly assurance: Assurance; readonly lies?: boolean },
): () => Destination {
  return () => ({
    name: "service",
    capabilities: { assurance: "counted", keepsSource: false, keepsEvents: false },
    check: () => Promise.resolve({ name: "somebody" }),
    open: () =>
      Promise.resolve({
        remote,
        held: undefined,
        write: (batch) => {
          const through = batch.at(-1)?.seq ?? -1;
          return Promise.resolve({ through, present: 0, losses: [] });
        },
        expect: () => Promise.resolve(),
        flush: () => Promise.resolve({ through: -1, present: 0, losses: [] }),
        finish: () => Promise.resolve({ through: 0, present: 0, losses: [] }),
        verify: () =>
          Promise.resolve({
            assurance,
            differences: lies ? ["Of loss it holds 0 points, not 40."] : [],
          }),
        async [Symbol.asyncDispose](): Promise<void> {},
      }),
  });
}

/** The state of a directory that is there. */
export async function stateOf(path: string): Promise<NonNullable<Proof["before"]>> {
  const identity = await directoryAt(path);
  assert.ok(identity !== undefined);
  return { identity, stamp: await stampOf(path) };
}
