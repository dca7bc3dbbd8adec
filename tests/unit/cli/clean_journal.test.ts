/** What an edited journal can do: nothing, as long as the run is not there. */
import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { ToolError } from "../../../src/errors.ts";
import { copyInto, snapshot, tree } from "../../contract/scratch.ts";
import { ended, entriesIn, inPlace, isThere, type Place } from "./clean_place.ts";

type Entry = ReturnType<typeof entriesIn>[number];

/** What a value may be edited to; undefined takes the field away. */
function edits(value: unknown): readonly unknown[] {
  if (typeof value === "number") return [value + 1, -1, undefined];
  if (typeof value === "string") return [`${value}x`, 1, undefined];
  if (typeof value === "boolean") return [!value, undefined];
  return [[], ["x"], undefined];
}

/** Every journal that differs in one field from these entries. */
function* edited(entries: readonly Entry[]): Generator<readonly [what: string, text: string]> {
  for (const [at, entry] of entries.entries()) {
    for (const [field, value] of Object.entries(entry)) {
      for (const edit of edits(value)) {
        if (isDeepStrictEqual(edit, value)) continue;
        const changed = entries.with(at, { ...entry, [field]: edit });
        const text = changed.map((each) => `${JSON.stringify(each)}\n`).join("");
        yield [`${entry["type"]}.${field} = ${JSON.stringify(edit)}`, text];
      }
    }
  }
}

const words = ["clean", "wandb", "--min-age", "0", "--yes", "--json"];

/** What is read anew, and what nobody asks; the read-back adds a comparison of its own. */
const harmless = [
  "ack.at",
  "ack.points",
  "ack.present",
  "ack.sent",
  "finish.at",
  "finish.cut",
  "finish.gaps",
  "finish.state",
  "open.at",
  "open.pid",
  "open.stamp",
  "open.tool",
];

/** Cleans with each edited journal and returns the fields that did not matter. */
async function cleanWithEach(place: Place): Promise<ReadonlySet<string>> {
  const { directory, run, runferry, journal } = place;
  const file = journal();
  const gone = new Set<string>();
  for (const [what, text] of edited(entriesIn(file))) {
    writeFileSync(file, text);
    await runferry(words);
    if (isThere(run)) continue;
    gone.add(what.split(" ")[0] ?? "");
    copyInto(join(directory, "wandb"), ended);
  }
  return gone;
}

test("no edit of a journal has a run deleted that the archive does not hold", {
  timeout: 120_000,
}, () =>
  inPlace(async (place) => {
    const { directory, archive, run, runferry } = place;
    await runferry(["sync", "wandb"]);
    renameSync(archive, join(directory, "elsewhere"));
    const before = snapshot(run);
    assert.deepEqual([...await cleanWithEach(place)], []);
    assert.deepEqual(snapshot(run), before);
  }));

test("a run that is read back is kept for any edit of what only its journal can tell", {
  timeout: 120_000,
}, () =>
  inPlace(async (place) => {
    await place.runferry(["sync", "wandb"]);
    const fields = [...await cleanWithEach(place)].filter((field) => !field.startsWith("verify."));
    assert.deepEqual(fields.sort(), harmless);
  }));

const strange = "run-20200101_000000-strange";

test("an entry about a deletion that never was has nothing deleted", () =>
  inPlace(async ({ directory, run, runferry, journal }) => {
    await runferry(["sync", "wandb"]);
    const neighbour = join(directory, "wandb", strange);
    copyInto(directory, ended);
    renameSync(join(directory, ended.slice(ended.lastIndexOf("/") + 1)), neighbour);
    const file = journal();
    const text = readFileSync(file, "utf8");
    const before = snapshot(directory).filter((line) => !line.startsWith(".local"));
    for (const trash of [neighbour, run, directory, "/", "", `${run}/../${strange}`]) {
      for (const state of ["announced", "condemned", "done"]) {
        const entry = { type: "clean", at: 1, state, trash, inode: "1", stamp: "x" };
        writeFileSync(file, `${text}${JSON.stringify(entry)}\n`);
        try {
          await runferry(["clean", "wandb", "--yes", "--min-age", "1000000d"]);
        } catch (error) {
          assert.ok(error instanceof ToolError);
          assert.match(error.message, /is another directory/);
        }
      }
    }
    assert.deepEqual(snapshot(directory).filter((line) => !line.startsWith(".local")), before);
    assert.ok(tree(neighbour).length > 1);
  }));
