import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { endLeftover } from "../../../src/sync/clean_leftover.ts";
import type { CleanEntry } from "../../../src/sync/journal_entry.ts";
import { copyInto, inScratch } from "../../contract/scratch.ts";
import { fixture, log, stateOf } from "./clean_scene.ts";

interface Interrupted {
  readonly path: string;
  readonly trash: string;
  readonly entry: CleanEntry;
  readonly told: CleanEntry["state"][];
  end(): Promise<boolean>;
}

/** A cleaning that ended between two of its steps. */
async function interrupted(directory: string, state: CleanEntry["state"]): Promise<Interrupted> {
  const path = copyInto(directory, fixture);
  const { identity: { inode }, stamp } = await stateOf(path);
  const trash = join(directory, ".runferry-trash-1");
  renameSync(path, trash);
  const entry = { type: "clean", at: 1, state, trash, inode, stamp } as const;
  const told: CleanEntry["state"][] = [];
  const tell = (state: CleanEntry["state"]): Promise<void> => {
    told.push(state);
    return Promise.resolve();
  };
  return { path, trash, entry, told, end: () => endLeftover({ path, entry, tell }) };
}

test("what was announced and moved, and is still the same, is deleted the next time", () =>
  inScratch(async (directory) => {
    const { trash, told, end } = await interrupted(directory, "announced");
    assert.equal(await end(), true);
    assert.ok(!existsSync(trash));
    assert.deepEqual(told, ["condemned", "done"]);
  }));

test("what was announced and moved, but has changed, is put back the next time", () =>
  inScratch(async (directory) => {
    const { path, trash, told, end } = await interrupted(directory, "announced");
    appendFileSync(join(trash, log), "a record that was never read");
    assert.equal(await end(), false);
    assert.ok(!existsSync(trash));
    assert.ok(existsSync(join(path, log)));
    assert.deepEqual(told, []);
  }));

test("what was condemned and deleted in part is deleted the next time", () =>
  inScratch(async (directory) => {
    const { trash, told, end } = await interrupted(directory, "condemned");
    utimesSync(join(trash, log), 0, 0);
    assert.equal(await end(), true);
    assert.ok(!existsSync(trash));
    assert.deepEqual(told, ["done"]);
  }));

test("another directory under an announced name is not touched", () =>
  inScratch(async (directory) => {
    const { path, trash, entry } = await interrupted(directory, "condemned");
    renameSync(trash, join(directory, "hidden"));
    mkdirSync(trash);
    writeFileSync(join(trash, "thesis.tex"), "years of work");
    const leftover = { path, entry, tell: (): Promise<void> => Promise.resolve() };
    await assert.rejects(endLeftover(leftover), SourceError);
    assert.ok(existsSync(join(trash, "thesis.tex")));
  }));

test("a directory that is no sibling of the run is not touched, whatever the journal says", () =>
  inScratch(async (directory) => {
    const { path, trash, entry } = await interrupted(directory, "condemned");
    mkdirSync(join(directory, "elsewhere"));
    const forged = join(directory, "elsewhere", ".runferry-trash-2");
    renameSync(trash, forged);
    const tell = (): Promise<void> => Promise.resolve();
    const leftover = { path, entry: { ...entry, trash: forged }, tell };
    await assert.rejects(endLeftover(leftover), /another directory/);
    assert.ok(existsSync(join(forged, log)));
  }));

test("a run that was announced but never moved stays", () =>
  inScratch(async (directory) => {
    const { path, trash, told, end } = await interrupted(directory, "announced");
    renameSync(trash, path);
    assert.equal(await end(), false);
    assert.ok(existsSync(join(path, log)));
    assert.deepEqual(told, []);
  }));

test("a run that was moved to a trash folder is left there", () =>
  inScratch(async (directory) => {
    const { path, trash, entry } = await interrupted(directory, "announced");
    const moved = join(directory, "moved");
    renameSync(trash, moved);
    const told: string[] = [];
    const tell = (state: string): Promise<void> => {
      told.push(state);
      return Promise.resolve();
    };
    assert.equal(await endLeftover({ path, entry: { ...entry, trash: moved }, tell }), true);
    assert.ok(existsSync(join(moved, log)));
    assert.deepEqual(told, ["done"]);
  }));

test("a run that was moved to a trash folder, but has changed, is put back", () =>
  inScratch(async (directory) => {
    const { path, trash, entry } = await interrupted(directory, "announced");
    const moved = join(directory, "moved");
    renameSync(trash, moved);
    appendFileSync(join(moved, log), "a record that was never read");
    const tell = (): Promise<void> => Promise.resolve();
    assert.equal(await endLeftover({ path, entry: { ...entry, trash: moved }, tell }), false);
    assert.ok(!existsSync(moved));
    assert.ok(existsSync(join(path, log)));
  }));
