import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inScratch } from "../../contract/scratch.ts";
import { onDisk } from "../archive/small_disk.ts";
import { type Answer, TestRun, timeOf, withHostIn } from "./test_host.ts";

const full = [507, "Insufficient Storage", "Insufficient_Storage"];

function said({ status, reason, json }: Answer): readonly unknown[] {
  return [status, reason, json?.code];
}

test("a full disk is said, loses nothing that was there, and takes more once there is room", () =>
  inScratch((scratch) =>
    onDisk(join(scratch, "disk"), "size=1m", async () => {
      const disk = join(scratch, "disk");
      const folder = join(disk, "store");
      mkdirSync(folder);
      const ballast = join(disk, "ballast");
      const run = await withHostIn(folder, async (client) => {
        const run = await client.begin();
        await run.scalars("x", [0, 1, 2]);
        writeFileSync(ballast, new Uint8Array(600 << 10));
        const many = (first: number): readonly object[] =>
          Array.from({ length: 20_000 }, (_, at) => ({
            key: "x",
            index: first + at,
            data: at,
            create_time: timeOf(at),
          }));
        assert.deepEqual(said(await run.send("scalar", many(10))), full);
        assert.deepEqual(said(await run.put("big", new Uint8Array(700 << 10))), full);
        const lines = [{ epoch: 1, message: "x".repeat(700 << 10) }];
        assert.deepEqual(said(await run.send("log", lines)), full);
        const config = { config: { x: { value: "x".repeat(700 << 10) } } };
        assert.deepEqual(said(await client.ask("PUT", `${run.path}/profile`, config)), full);
        await run.scalars("x", [3], 3);
        assert.equal((await run.csv("x")).trim().split("\n").length, 5);
        rmSync(ballast);
        await run.scalars("x", [4], 4);
        assert.equal((await run.put("big", new Uint8Array(400 << 10))).status, 200);
        return run;
      });
      await withHostIn(folder, async (client) => {
        const found = new TestRun(client, run.path, run.project, run.id);
        const rows = (await found.csv("x")).trim().split("\n").slice(1);
        assert.deepEqual(rows.map((row) => row.split(",")[1]), ["0", "1", "2", "3", "4"]);
        const summary = await client.get(`/house/metrics/summaries/p/${run.id}?all=True`);
        assert.deepEqual(summary.log, [{ key: "LOG", step: 0 }]);
        assert.equal((await found.object("big")).text.length, 400 << 10);
      });
    })
  ));
