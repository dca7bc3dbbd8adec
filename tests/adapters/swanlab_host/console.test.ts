import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, type TestRun, timeOf, withHost } from "./test_host.ts";

function line(epoch: number, message = `line ${epoch}`, level = "INFO"): object {
  return { epoch, message, level, create_time: timeOf(epoch) };
}

async function read({ client, id }: TestRun, query = ""): Promise<Json> {
  return await client.get(`/house/metrics/log?projectId=x&experimentId=${id}&size=1000${query}`);
}

test("lines come back in order of their numbers, each once", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.send("log", [line(1), line(2, "warned", "WARN"), line(3, "broke", "ERROR")]);
    await run.send("log", [line(5), line(4), line(3, "broke", "ERROR"), line(6)]);
    const { logs, count } = await read(run, "&epoch=0&level=INFO");
    assert.equal(count, 6);
    assert.deepEqual(logs.map(({ epoch }: Json) => epoch), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(logs[1], {
      epoch: 2,
      level: "WARN",
      message: "warned",
      tag: "",
      timestamp: "2026-01-01T00:00:02.250Z",
    });
  }));

test("a long log is read page by page", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.send("log", Array.from({ length: 2500 }, (_, at) => line(at + 1)));
    const seen: number[] = [];
    for (let epoch = 0;;) {
      const { logs } = await read(run, `&epoch=${epoch}`);
      if (logs.length === 0) break;
      seen.push(...logs.map((one: Json) => one.epoch));
      epoch = seen.at(-1) ?? 0;
    }
    assert.deepEqual(seen, Array.from({ length: 2500 }, (_, at) => at + 1));
  }));

test("a log that was sent twice, and backwards, is one log", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const all = Array.from({ length: 12_000 }, (_, at) => line(at + 1, "x".repeat(300)));
    await run.send("log", all.slice(6000));
    await run.send("log", all.slice(0, 6000).reverse());
    await run.send("log", all.slice(3000, 9000));
    const { logs, count } = await read(run, "&epoch=11990");
    assert.equal(count, 12_000);
    assert.equal(logs.length, 10);
    const { cosKey } = await client.post("/house/metrics/log/export", { experimentId: run.id });
    const { urls } = await client.post("/files/presigned/get", { paths: [cosKey] });
    assert.equal((await client.send("GET", urls[0])).text.split("\n").length, 12_001);
    const first = await read(run, "&epoch=4000");
    assert.deepEqual(
      first.logs.map((one: Json) => one.epoch),
      all.slice(4000, 5000).map((_, at) => 4001 + at),
    );
  }));

test("the last number is what a client resumes behind", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.send("log", [line(7), line(3)]);
    const { log } = await client.get(`/house/metrics/summaries/${run.project}/${run.id}?all=True`);
    assert.deepEqual(log, [{ key: "LOG", step: 7 }]);
  }));

test("a log is exported as text, or a part of it", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await run.send("log", [1, 2, 3, 4].map((epoch) => line(epoch, `täxt ${epoch}`)));
    const text = async (fields: object): Promise<string> => {
      const { cosKey } = await client.post("/house/metrics/log/export", {
        projectId: run.project,
        experimentId: run.id,
        ...fields,
      });
      const { urls } = await client.post("/files/presigned/get", { paths: [cosKey] });
      return (await client.send("GET", urls[0])).text;
    };
    assert.equal(await text({}), "täxt 1\ntäxt 2\ntäxt 3\ntäxt 4\n");
    assert.equal(await text({ start: 1, rows: 2 }), "täxt 2\ntäxt 3\n");
  }));
