import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column } from "../../../../adapters/destinations/swanlab/mapping/outbox.ts";
import { ofType } from "../../wandb/fixture_runs.ts";
import { held, mapMade, mapOnly } from "./mapped.ts";

const versions = ["0.12.0", "0.15.12", "0.19.11", "0.28.2", "0.31.0"];

test("x axes, hidden keys and sections are those that the program defined", async () => {
  for (const version of versions) {
    const mapped = await mapOnly(`wandb/${version}/basic`);
    const column = (key: string): Partial<Column> => held(mapped, key).column;
    assert.equal(column("val/loss").xAxis, "epoch", version);
    assert.equal(column("val/loss").section, "val", version);
    assert.equal(column("silent").hidden, true, version);
    assert.equal(column("loss").hidden, undefined, version);
    assert.equal(column("epoch").xAxis, undefined, version);
    assert.equal(column("epoch").section, undefined, version);
  }
});

test("with the axis left to the step, no column has another", async () => {
  const mapped = await mapOnly("wandb/0.31.0/basic", { xAxis: "step" });
  assert.ok([...mapped.columns.values()].every(({ column }) => column.xAxis === undefined));
});

test("built-in axes become SwanLab's, or the step", () => {
  const axes: readonly (readonly [string, string | undefined])[] = [
    ["_step", undefined],
    ["_runtime", "_relative_time"],
    ["_timestamp", undefined],
    ["x/", "x"],
    ["y", undefined],
  ];
  for (const [stepMetric, expected] of axes) {
    const mapped = mapMade([
      { type: "metric", key: "y", stepMetric },
      { type: "history", step: 0, values: { y: 1 } },
    ]);
    assert.equal(held(mapped, "y").column.xAxis, expected, stepMetric);
  }
});

test("a key's own definition counts before a pattern, and the longer pattern before", () => {
  const mapped = mapMade([
    { type: "metric", key: "*", stepMetric: "all" },
    { type: "metric", key: "a/*", stepMetric: "as" },
    { type: "metric", key: "a/b", hidden: true },
    { type: "metric", key: "a/b", stepMetric: "own" },
    { type: "history", step: 0, values: { "a/b": 1, "a/c": 2, d: 3 } },
  ]);
  const axes = ["a/b", "a/c", "d"].map((key) => held(mapped, key).column.xAxis);
  assert.deepEqual(axes, ["own", "as", "all"]);
  assert.equal(held(mapped, "a/b").column.hidden, true);
});

test("a definition without values makes no column, one that comes too late is counted", () => {
  const mapped = mapMade([
    { type: "metric", key: "never" },
    { type: "history", step: 0, values: { late: 1, same: 1 } },
    { type: "metric", key: "late", stepMetric: "x" },
    { type: "metric", key: "same" },
  ]);
  assert.deepEqual([...mapped.columns.keys()], ["late", "same"]);
  assert.deepEqual(mapped.losses.map(({ reason, example }) => [reason, example]), [
    ["a definition comes after the key's first value", "late"],
  ]);
});

test("definitions stay readable in the metadata", async () => {
  const { profile, losses } = await mapOnly("wandb/0.28.2/basic");
  const { metrics } = profile.metadata?.["runferry"] as Record<string, unknown[]>;
  assert.deepEqual(metrics?.find((metric) => JSON.stringify(metric).includes('"score"')), {
    key: "score",
    summary: ["best"],
    goal: "maximize",
  });
  const summed = losses.filter(({ reason }) => reason.startsWith("how a key is summed up"));
  assert.deepEqual(summed.map(({ example }) => example), ["loss", "acc", "score", "silent"]);
});

test("monitoring of W&B is SwanLab's own where both measure the same", async () => {
  const mapped = await mapOnly("wandb/0.31.0/system");
  const cases: readonly (readonly [string, string])[] = [
    ["cpu", "__swanlab__.cpu.pct"],
    ["memory_percent", "__swanlab__.mem.pct"],
    ["proc.memory.rssMB", "__swanlab__.mem.proc"],
    ["proc.memory.percent", "__swanlab__.mem.proc.pct"],
    ["proc.memory.availableMB", "__swanlab__.mem.proc.avail"],
    ["proc.cpu.threads", "__swanlab__.cpu.thds"],
    ["disk./.usagePercent", "__swanlab__.disk.usage"],
    ["disk./.usageGB", "system/disk./.usageGB"],
    ["network.sent", "system/network.sent"],
    ["disk.vda.in", "system/disk.vda.in"],
  ];
  for (const [name, key] of cases) {
    const samples = ofType(mapped.events, "system").map(({ time, values }, step) => ({
      step,
      time,
      value: values[name],
    })).filter(({ value }) => value !== undefined);
    const points = held(mapped, key).points.map(({ step, time, value }) => ({ step, time, value }));
    assert.deepEqual(points, samples, key);
    assert.equal(held(mapped, key).column.system, true);
  }
  assert.deepEqual(held(mapped, "__swanlab__.cpu.pct").column.range, [0, 100]);
});

test("monitoring of devices keeps their numbers", () => {
  const values = {
    "gpu.0.gpu": 1,
    "gpu.11.memoryAllocated": 2,
    "gpu.0.memory": 3,
    "gpu.0.temp": 4,
    "gpu.0.powerWatts": 5,
    "gpu.0.memoryAllocatedBytes": 6,
    "gpu.process.0.gpu": 7,
    "cpu.3.cpu_percent": 8,
    disk: 9,
  };
  const mapped = mapMade([{ type: "system", time: 1, values }]);
  assert.deepEqual([...mapped.columns].map(([key, { points }]) => [key, points[0]?.value]), [
    ["__swanlab__.gpu.0.pct", 1],
    ["__swanlab__.gpu.11.mem.pct", 2],
    ["__swanlab__.gpu.0.mem.time", 3],
    ["__swanlab__.gpu.0.temp", 4],
    ["__swanlab__.gpu.0.power", 5],
    ["system/gpu.0.memoryAllocatedBytes", 6],
    ["system/gpu.process.0.gpu", 7],
    ["__swanlab__.cpu.3.pct", 8],
    ["__swanlab__.disk.usage", 9],
  ]);
  assert.equal(
    held(mapped, "__swanlab__.gpu.11.mem.pct").column.name,
    "GPU 11 Memory Allocated (%)",
  );
});
