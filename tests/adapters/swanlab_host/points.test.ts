import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, timeOf, withHost } from "./test_host.ts";

test("scalars come back as a table, by step, with their times in whole ms", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.scalars("loss", [0.5, 0.25, 0.125]);
    await run.scalars('odd,"key"', [1e-300, "-0.0", 2 ** 53], 1);
    const first = Date.UTC(2026, 0, 1) + 250;
    assert.equal(
      await run.csv("loss", 'odd,"key"', "missing"),
      'step,x-loss_step,x-loss_timestamp,"x-odd,""key""_step","x-odd,""key""_timestamp",' +
        "x-missing_step,x-missing_timestamp\n" +
        `0,0.5,${first},,,,\n` +
        `1,0.25,${first + 1000},1e-300,${first + 1000},,\n` +
        `2,0.125,${first + 2000},-0,${first + 2000},,\n` +
        `3,,,9007199254740992,${first + 3000},,\n`,
    );
  }));

test("what JSON has no number for is understood in every spelling", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const words = ["NaN", "nan", "INF", "inf", "-INF", "-inf", "Infinity", "1.5", true, false];
    await run.scalars("x", words);
    const rows = (await run.csv("x")).trim().split("\n").slice(1);
    assert.deepEqual(rows.map((row) => row.split(",")[1]), [
      "NaN",
      "NaN",
      "INF",
      "INF",
      "-INF",
      "-INF",
      "INF",
      "1.5",
      "1",
      "0",
    ]);
    const [drawn] = await client.post("/house/metrics/scalar", {
      projectId: run.project,
      xType: "step",
      columns: [{ experimentId: run.id, key: "x" }],
      num: 1500,
    });
    assert.deepEqual(drawn.metrics[2], {
      index: 2,
      data: "INF",
      timestamp: Date.UTC(2026, 0, 1) + 2250,
    });
  }));

test("a point is one point however often it is sent, and the last value counts", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.scalars("x", [0, 1, 2, 3]);
    await run.scalars("x", [1, 2], 1);
    await run.scalars("x", [20], 2);
    await run.scalars("x", [9], 9);
    await run.scalars("x", [5], 5);
    const rows = (await run.csv("x")).trim().split("\n").slice(1);
    assert.deepEqual(rows.map((row) => row.split(",", 2).join()), [
      "0,0",
      "1,1",
      "2,20",
      "3,3",
      "5,5",
      "9,9",
    ]);
    const all = await client.post("/house/metrics/summaries", {
      experiments: [{ experimentId: run.id }],
    });
    const { step, value, min, max, avg, count } = all[run.id].x;
    assert.deepEqual([step, value, min, max, count], [
      9,
      9,
      { index: 0, data: 0 },
      { index: 2, data: 20 },
      6,
    ]);
    assert.ok(Math.abs(avg - 38 / 6) < 1e-12);
  }));

test("steps keep all their digits", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const metrics = [2 ** 60, 1, 2 ** 48 + 1, 2 ** 48].map((index) => ({
      key: "x",
      index,
      data: 1,
    }));
    assert.equal((await run.send("scalar", metrics)).status, 200);
    const steps = (await run.csv("x")).trim().split("\n").slice(1).map((row) => row.split(",")[0]);
    assert.deepEqual(steps, ["1", "281474976710656", "281474976710657", "1152921504606846976"]);
    const { text } = await client.ask(
      "GET",
      `/house/metrics/summaries/${run.project}/${run.id}?all=True`,
    );
    assert.ok(text.includes('"step":1152921504606846976}'), text);
  }));

test("a request with one thing wrong in it leaves nothing behind", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const good = { key: "x", index: 0, data: 1, create_time: timeOf(0) };
    const table: readonly (readonly [string, unknown])[] = [
      ["scalar", null],
      ["scalar", { ...good, key: "" }],
      ["scalar", { ...good, key: 7 }],
      ["scalar", { ...good, index: -1 }],
      ["scalar", { ...good, index: 1.5 }],
      ["scalar", { ...good, index: "1" }],
      ["scalar", { ...good, index: 2 ** 63 }],
      ["scalar", { ...good, data: "many" }],
      ["scalar", { ...good, data: null }],
      ["scalar", { ...good, data: [1] }],
      ["scalar", { ...good, create_time: "yesterday" }],
      ["scalar", { ...good, create_time: 7 }],
      ["media", { ...good, data: [7] }],
      ["media", { key: "x", data: ["a"] }],
      ["log", { epoch: 1 }],
      ["log", { epoch: -1, message: "x" }],
      ["log", { epoch: "1", message: "x" }],
      ["sound", good],
    ];
    for (const [type, item] of table) {
      const { status, json } = await run.send(type, [good, item as object]);
      assert.deepEqual([status, json.code], [400, "Bad_Request"], JSON.stringify([type, item]));
    }
    assert.deepEqual(
      await client.get(`/house/metrics/summaries/${run.project}/${run.id}?all=True`),
      {
        log: [{ key: "LOG", step: 0 }],
        media: [],
        scalar: [],
      },
    );
  }));

test("points of a run that is elsewhere, or nowhere, are refused", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const other = await client.begin({}, "other");
    const send = (projectId: string, experimentId: string): Promise<{ status: number }> =>
      client.ask("POST", "/house/metrics", {
        projectId,
        experimentId,
        type: "scalar",
        metrics: [],
      });
    assert.equal((await send(run.project, run.id)).status, 200);
    assert.equal((await send(other.project, run.id)).status, 404);
    assert.equal((await send("nowhere", run.id)).status, 404);
    assert.equal((await send(run.project, "none")).status, 404);
  }));

test("a curve is thinned out, but keeps its ends and its peak", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.scalars("x", Array.from({ length: 5000 }, (_, at) => at === 2500 ? 100 : at % 2));
    const ask = async (num: number): Promise<Json> =>
      (await client.post("/house/metrics/scalar", {
        projectId: run.project,
        xType: "step",
        columns: [{ experimentId: run.id, key: "x" }],
        num,
      }))[0].metrics;
    const some = await ask(100);
    assert.equal(some.length, 100);
    assert.deepEqual([some[0].index, some.at(-1).index], [0, 4999]);
    assert.ok(some.some(({ data }: { data: number }) => data === 100));
    assert.equal((await ask(9999)).length, 1500);
  }));

test("statistics go by step or by time", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.scalars("x", [3, 1, 2, "NaN"]);
    const ask = async (
      xType: string,
    ): Promise<Json> => (await client.post("/house/metrics/scalar/value", {
      xType,
      columns: [{ experimentId: run.id, key: "x" }, { experimentId: run.id, key: "none" }],
    }));
    const [byStep, none] = await ask("step");
    assert.equal(none, undefined);
    assert.deepEqual([byStep.min, byStep.max, byStep.median.data, byStep.avg.data, byStep.latest], [
      { index: 1, data: 1 },
      { index: 0, data: 3 },
      2,
      2,
      { index: 3, data: "NaN" },
    ]);
    const [byTime] = await ask("timestamp");
    assert.equal(byTime.min.index, Date.UTC(2026, 0, 1) + 1250);
  }));

test("the keys of runs are listed by page, and looked up", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const other = await client.begin();
    for (const key of ["c", "a", "b"]) await run.scalars(key, [1]);
    await other.scalars("b", [1]);
    const experiments = [run, other].map(({ id }) => ({ experimentId: id }));
    const keys = "/house/metrics/scalar/keys";
    const first = await client.post(keys, { experiments, limit: 2, cursor: "" });
    assert.deepEqual(first, { keys: ["a", "b"], hasMore: true, nextCursor: "b" });
    const second = await client.post(keys, { experiments, limit: 2, cursor: first.nextCursor });
    assert.deepEqual(second, { keys: ["c"], hasMore: false, nextCursor: "" });
    assert.deepEqual(
      await client.post("/house/metrics/scalar/availability", { experiments, keys: ["b", "x"] }),
      { b: [run.id, other.id], x: [] },
    );
  }));

test("one key can be fetched as the older client does", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.scalars("a/b", [1, 2]);
    const { url } = await client.get(`/experiment/${run.id}/column/csv?key=a%2Fb`);
    const { text, headers } = await client.send("GET", url);
    assert.match(text, /^step,a run-a\/b_step,a run-a\/b_timestamp\n0,1,/);
    assert.match(headers.get("content-type") ?? "", /^text\/csv/);
  }));
