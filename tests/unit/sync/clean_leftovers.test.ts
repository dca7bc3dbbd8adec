import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { LockedError } from "../../../src/errors.ts";
import { clean, type CleanOptions } from "../../../src/sync/clean.ts";
import { holdJournal } from "../../../src/sync/clean_hold.ts";
import { endLeftovers } from "../../../src/sync/clean_leftovers.ts";
import type { CleanEntry, JournalEntry } from "../../../src/sync/journal_entry.ts";
import { Journals } from "../../../src/sync/journals.ts";
import { copyInto, inScratch, snapshot } from "../../contract/scratch.ts";
import { fixture, scene, stateOf } from "./clean_scene.ts";

interface Crash {
  readonly directory: string;
  readonly path: string;
  readonly trash: string;
  readonly journals: Journals;
}

function journalsIn(directory: string, breakLock = false): Journals {
  return new Journals({
    directory: join(directory, "state"),
    pid: 1,
    tool: "test",
    breakLock,
    now: () => 2,
    notice: (message) => assert.fail(message),
  });
}

/** A process died while it deleted a run, and had told each of its journals this much. */
async function crash(
  directory: string,
  states: { readonly [destination: string]: CleanEntry["state"] },
  host: string = hostname(),
): Promise<Crash> {
  mkdirSync(join(directory, "wandb"));
  const path = copyInto(join(directory, "wandb"), fixture);
  const { identity: { inode }, stamp } = await stateOf(path);
  const trash = join(directory, "wandb", ".runferry-trash-1");
  renameSync(path, trash);
  const journals = journalsIn(directory);
  const run = { source: "wandb", path, id: "fxbasic1" };
  for (const [destination, state] of Object.entries(states)) {
    await using held = await holdJournal(journals, run, destination);
    assert.ok(held !== undefined);
    const opening: JournalEntry = {
      type: "open",
      at: 1,
      tool: "test",
      host,
      pid: 1,
      ...run,
      destination,
      wishes: [],
      manner: [],
      remote: { id: "there" },
    };
    await (await journals.journal(run, destination)).append(opening);
    await held.append({ type: "clean", at: 1, state, trash, inode, stamp });
  }
  return { directory, path, trash, journals };
}

test("what one journal calls condemned is deleted, though another one only heard of the plan", () =>
  inScratch(async (directory) => {
    const { path, trash, journals } = await crash(directory, { a: "announced", b: "condemned" });
    renameSync(join(trash, "files"), join(directory, "files"));
    assert.deepEqual(await endLeftovers(journals, [join(directory, "wandb")]), [path]);
    assert.ok(!existsSync(trash));
    assert.deepEqual(await endLeftovers(journals, [join(directory, "wandb")]), []);
  }));

const steps: readonly CleanEntry["state"][] = ["announced", "condemned", "done"];

for (const step of steps) {
  for (const moment of ["before", "after"] as const) {
    test(`a run is whole or gone when the process dies ${moment} it tells "${step}"`, () =>
      inScratch(async (directory) => {
        const { proof, options, ref } = await scene(directory);
        const before = snapshot(ref.path);
        const { promise: died, resolve: die } = Promise.withResolvers<void>();
        const hold: CleanOptions["hold"] = async (run, destination) => {
          const held = await options.hold(run, destination);
          return held && {
            ...held,
            async append(entry): Promise<void> {
              if (entry.state !== step || moment === "after") await held.append(entry);
              if (entry.state !== step) return;
              die();
              await new Promise(() => {});
            },
          };
        };
        void clean(proof, { ...options, hold });
        await died;
        const journals = journalsIn(directory, true);
        const gone = await endLeftovers(journals, options.within);
        assert.deepEqual(
          readdirSync(join(directory, "wandb")),
          existsSync(ref.path) ? [basename(ref.path)] : [],
        );
        if (existsSync(ref.path)) assert.deepEqual(snapshot(ref.path), before);
        assert.equal(existsSync(ref.path), step === "announced");
        if (moment === "before") assert.deepEqual(gone, step === "announced" ? [] : [ref.path]);
        assert.deepEqual(await endLeftovers(journals, options.within), []);
      }));
  }
}

test("what lies elsewhere, or another machine began, is not touched", () =>
  inScratch(async (directory) => {
    const { trash, journals } = await crash(directory, { a: "condemned" });
    assert.deepEqual(await endLeftovers(journals, [join(directory, "other")]), []);
    assert.ok(existsSync(trash));
  }).then(() =>
    inScratch(async (directory) => {
      const { trash, journals } = await crash(directory, { a: "condemned" }, "elsewhere");
      assert.deepEqual(await endLeftovers(journals, [directory]), []);
      assert.ok(existsSync(trash));
    })
  ));

test("a run that another process works on is left to it", () =>
  inScratch(async (directory) => {
    const { path, trash, journals } = await crash(directory, { a: "condemned" });
    const run = { source: "wandb", path, id: "fxbasic1" };
    await using _held = await holdJournal(journals, run, "a");
    await assert.rejects(endLeftovers(journals, [directory]), LockedError);
    assert.ok(existsSync(trash));
  }));
