import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../../../../src/model/json.ts";
import { fixtureRuns, folded } from "../../wandb/fixture_runs.ts";
import { mapFixture, mapMade, mapOnly, type Mapped } from "./mapped.ts";

function valueOf({ profile }: Mapped, key: string): unknown {
  return profile.config?.[key]?.value;
}

/** The block of the metadata that tells where a run came from. */
function origin({ profile }: Mapped): JsonObject {
  return profile.metadata?.["runferry"] as JsonObject;
}

test("the configuration arrives key by key, in order, without what W&B keeps for itself", async () => {
  const mapped = await mapOnly("wandb/0.31.0/basic");
  const fields = Object.entries(mapped.profile.config ?? {});
  assert.deepEqual(fields.map(([key, { value, desc, sort }]) => [key, value, desc, sort]), [
    ["lr", 0.01, "", 0],
    ["epochs", 5, "", 1],
    ["amp", true, "", 2],
    ["none", null, "", 3],
    ["seed", 1, "", 4],
    ["optimizer", { name: "sgd" }, "", 5],
    ["layers", [64, 32, 1], "", 6],
    ["label", "学习率", "", 7],
    ["late", 1.5, "", 8],
    [
      "wandb.summary",
      {
        best_acc: 0.987,
        nested: { a: 1, b: { c: "text" } },
        note: "set by hand",
      },
      "",
      9,
    ],
  ]);
});

test("the configuration of every run is what its events amount to", async () => {
  for (const run of fixtureRuns) {
    for (const mapped of await mapFixture(run.path)) {
      const expected = Object.keys(folded(mapped.events, "config")).filter((key) =>
        key !== "_wandb"
      );
      const keys = Object.keys(mapped.profile.config ?? {}).filter((key) =>
        key !== "wandb.summary"
      );
      assert.deepEqual(keys, expected, run.name);
    }
  }
});

test("integers of a configuration keep their digits, and what is no number in JSON is a text", () => {
  const mapped = mapMade([
    { type: "config", set: { big: 2n ** 63n, nan: NaN, deep: { list: [Infinity, -Infinity] } } },
    { type: "config", set: { deep: { more: 1 }, gone: 1, __proto__: 2 } },
    { type: "config", set: {}, remove: [["gone"], ["deep", "list"], ["deep", "not", "there"]] },
  ]);
  assert.equal(valueOf(mapped, "big"), 2n ** 63n);
  assert.equal(valueOf(mapped, "nan"), "NaN");
  assert.deepEqual(valueOf(mapped, "deep"), { more: 1 });
  assert.equal(valueOf(mapped, "gone"), undefined);
});

/** What the truth of a fixture says was set by hand; clients write NaN as null. */
function handSet(truth: JsonObject): { [key: string]: Json } {
  const set: { [key: string]: Json } = {};
  for (const { key, value, delete: gone } of truth["summary_set"] as readonly JsonObject[]) {
    if (gone === true) delete set[key as string];
    else set[key as string] = JSON.stringify(value).includes("$") ? "special" : value as Json;
  }
  return set;
}

test("what was set by hand in the summary is in the configuration, and nothing else", async () => {
  const checked: string[] = [];
  for (const run of fixtureRuns) {
    if (/crash|orphan|nexus|0\.16\.6-core/.test(run.name)) continue;
    for (const mapped of await mapFixture(run.path)) {
      const found = valueOf(mapped, "wandb.summary") as JsonObject | undefined;
      const expected = Object.entries(handSet(run.truth));
      const [, minor = "0"] = /^0\.(\d+)/.exec(run.label) ?? [];
      for (const [key, value] of expected) {
        // Earlier clients write a row's null as they write one that was set by hand, and Go
        // drops an empty object.
        if (value === null && Number(minor) < 18) continue;
        if (JSON.stringify(value) === "{}" && !Object.hasOwn(found ?? {}, key)) continue;
        assert.ok(found !== undefined && Object.hasOwn(found, key), `${run.name} ${key}`);
        if (value !== "special") assert.deepEqual(found[key], value, `${run.name} ${key}`);
      }
      // The one trace that an empty object leaves which was logged in a row.
      const names = new Set([...expected.map(([key]) => key), "edict"]);
      assert.deepEqual(Object.keys(found ?? {}).filter((key) => !names.has(key)), [], run.name);
      checked.push(run.name);
    }
  }
  assert.ok(checked.length > 50);
});

test("a summary that rows and definitions explain is not repeated", () => {
  const mapped = mapMade([
    { type: "metric", key: "acc", summary: ["max"] },
    { type: "history", step: 0, values: { acc: 1, "a.b": [1], s: "x" } },
    { type: "summary", set: { acc: { max: 1 }, a: { b: [1] }, s: "y", _runtime: 3, gone: 1 } },
    { type: "summary", set: {}, remove: [["gone"]] },
  ]);
  assert.deepEqual(valueOf(mapped, "wandb.summary"), { s: "y" });
});

test("a sweep is in the configuration", () => {
  const writer = { tracker: "wandb", format: "leveldb v0" };
  const mapped = mapMade([{ type: "run", id: "r", sweep: "sw1", writer }]);
  assert.equal(valueOf(mapped, "wandb.sweep"), "sw1");
  assert.equal(origin(mapped)["sweep"], "sw1");
});

test("name, notes, tags, group and job type arrive, the late tag too", async () => {
  for (const version of ["0.12.0", "0.15.12", "0.28.2", "0.31.0"]) {
    const { identity } = await mapOnly(`wandb/${version}/basic`);
    const { colors, ...rest } = identity;
    assert.deepEqual(rest, {
      name: "basic run",
      description: "first line\nsecond line",
      group: "group-a",
      jobType: "train",
      labels: ["alpha", "beta tag", "late"],
    }, version);
    assert.match(colors?.[0] ?? "", /^#[0-9a-f]{6}$/);
  }
});

test("a run without a name is called by its id, and has always the same colour", async () => {
  const { identity } = await mapOnly("wandb/0.31.0/system");
  assert.equal(identity.name, "fxsystem1");
  assert.deepEqual((await mapOnly("wandb/0.31.0/system")).identity.colors, identity.colors);
});

test("what is over SwanLab's limits is cut, counted, and whole in the metadata", () => {
  const tags = Array.from({ length: 40 }, (_, at) => `tag ${at}`);
  const long = "🚀".repeat(1200);
  const mapped = mapMade([{
    type: "run",
    id: "r",
    name: long,
    description: long,
    group: "g",
    jobType: long,
    tags,
    writer: { tracker: "wandb", format: "leveldb v0" },
  }]);
  assert.equal(mapped.identity.name, "🚀".repeat(512));
  assert.equal(mapped.identity.description, "🚀".repeat(1024));
  assert.equal(mapped.identity.labels?.length, 30);
  assert.deepEqual(origin(mapped)["whole"], {
    name: long,
    description: long,
    jobType: long,
    tags,
  });
  assert.deepEqual(mapped.losses.map(({ kind, reason }) => [kind, reason]), [
    ["converted", "the tags were cut, and are whole in the metadata"],
    ["converted", "the name was cut, and is whole in the metadata"],
    ["converted", "the description was cut, and is whole in the metadata"],
    ["converted", "the job type was cut, and is whole in the metadata"],
  ]);
});

test("the metadata are what the tracker recorded, and where the run came from", async () => {
  const mapped = await mapOnly("wandb/0.31.0/basic");
  const { metadata = {}, requirements } = mapped.profile;
  assert.equal(metadata["python"], "CPython 3.11.7");
  assert.match(requirements ?? "", /^wandb==0\.31\.0$/m);
  const { alerts, metrics, ...rest } = origin(mapped);
  assert.equal((metrics as readonly Json[]).length, 5);
  assert.deepEqual(alerts, [
    { title: "Synthetic alert", text: "loss is low\nsecond line", level: "WARN" },
    { title: "Plain alert", text: "info text", level: "INFO" },
  ]);
  assert.deepEqual(rest, {
    tool: "runferry test",
    source: "wandb",
    version: "0.31.0",
    format: "leveldb v0",
    id: "fxbasic1",
    directory: "offline-run-20261123_081238-fxbasic1",
    project: "fixture-project",
    host: "fixture-host",
    startedAt: "2026-11-23T08:12:38.695Z",
    finishedAt: "2026-11-23T08:12:39.506Z",
    state: "finished",
    exitCode: 0,
  });
});

test("entity, fork and resumption are in the metadata", () => {
  const mapped = mapMade([{
    type: "run",
    id: "r",
    workspace: "someone",
    resumed: true,
    forkedFrom: { run: "old", step: 3 },
    writer: { tracker: "wandb", format: "leveldb v0" },
  }]);
  const { entity, resumed, forkedFrom } = origin(mapped);
  assert.deepEqual([entity, resumed, forkedFrom], ["someone", true, { run: "old", step: 3 }]);
});

test("no path of the machine gets into the metadata but those that the tracker recorded", async () => {
  const mapped = await mapOnly("wandb/0.31.0/basic");
  assert.ok(!JSON.stringify(mapped.profile.metadata).includes(mapped.info.path));
});

test("the end is a state and the time of the last that is known", () => {
  const cases = [["finished", "FINISHED"], ["failed", "CRASHED"], ["aborted", "ABORTED"]] as const;
  for (const [state, expected] of cases) {
    const { ending } = mapMade([
      { type: "history", time: 2500, step: 0, values: { a: 1 } },
      { type: "finish", time: 2000, state },
    ]);
    assert.deepEqual(ending, { state: expected, time: 2500 });
  }
});
