import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, withHost } from "./test_host.ts";

test("series belong to a project and tell what clients declared", () =>
  withHost(async (client) => {
    await client.begin();
    const series = [
      { key: "loss", type: "FLOAT", xAxis: "epoch", sectionName: "train" },
      { key: "secret", type: "FLOAT", hidden: true },
      { key: "__swanlab__.cpu.pct", type: "SYSTEM" },
    ];
    await client.post("/projects/ada/project/series", { series: series.slice(0, 2) });
    await client.post("/projects/ada/project/series", { series: series.slice(1) });
    assert.deepEqual(await client.get("/projects/ada/project/series"), series);
    assert.deepEqual(await client.get("/projects/ada/project/series?type=SYSTEM&size=500"), [
      series[2],
    ]);
  }));

test("columns belong to a run, and keys with points have one anyway", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await client.post(`/experiment/${run.id}/columns`, [
      { key: "loss", type: "FLOAT", class: "CUSTOM", name: "Loss", sectionType: "PUBLIC" },
      { key: "system/x", type: "FLOAT", class: "SYSTEM" },
      { key: "img", type: "IMAGE", error: { data_class: "str", excepted: "float" } },
    ]);
    await run.scalars("loss", [1]);
    await run.scalars("__swanlab__.mem", [1]);
    await run.send("media", [{ key: "clip", index: 0, data: ["media/audio/a.wav"] }]);
    const { list } = await client.get(`/experiment/${run.id}/column?all=True`);
    assert.deepEqual(list.map((one: Json) => [one.key, one.name, one.type, one.class]), [
      ["loss", "Loss", "FLOAT", "CUSTOM"],
      ["system/x", "system/x", "FLOAT", "SYSTEM"],
      ["img", "img", "IMAGE", "CUSTOM"],
      ["__swanlab__.mem", "__swanlab__.mem", "FLOAT", "SYSTEM"],
      ["clip", "clip", "MEDIA", "CUSTOM"],
    ]);
    assert.deepEqual(list[2].error, { data_class: "str", excepted: "float" });
    const page = await client.get(`/experiment/${run.id}/column?page=1&size=2&class=CUSTOM`);
    assert.deepEqual([page.list.length, page.total], [2, 3]);
    const found = await client.get(`/experiment/${run.id}/column?page=1&size=20&search=Los`);
    assert.equal(found.total, 1);
  }));

test("a key that the project declared as system is one in the run", () =>
  withHost(async (client) => {
    const run = await client.begin();
    await client.post("/projects/ada/project/series", {
      series: [{ key: "system/fan", type: "SYSTEM" }],
    });
    await run.scalars("system/fan", [1]);
    const { list: [fan] } = await client.get(`/experiment/${run.id}/column?all=True`);
    assert.deepEqual([fan.key, fan.class, fan.type], ["system/fan", "SYSTEM", "FLOAT"]);
  }));

test("what is no column is refused", () =>
  withHost(async (client) => {
    const run = await client.begin();
    for (
      const body of [{}, [1], [{ key: "x" }], [{ type: "FLOAT" }], [{ key: "", type: "FLOAT" }]]
    ) {
      const { status } = await client.ask("POST", `/experiment/${run.id}/columns`, body);
      assert.equal(status, 400, JSON.stringify(body));
    }
  }));
