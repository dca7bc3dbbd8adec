import assert from "node:assert/strict";
import { test } from "node:test";
import { withHost } from "./test_host.ts";

const experiment = "/project/ada/project/experiment";

test("a run is made with all that a client says of it", () =>
  withHost(async (client) => {
    await client.post("/project", { name: "project" });
    const made = await client.ask("POST", experiment, {
      name: "first",
      cuid: "my-run",
      description: "words",
      createdAt: "2026-01-01T00:00:00.500000Z",
      colors: ["#528d59", "#587ad2"],
      labels: [{ name: "a" }, { name: "b" }],
      job: "train",
      cluster: "group",
    });
    assert.equal(made.status, 201);
    assert.equal(made.json.cuid, "my-run");
    assert.match(made.json.flagId, /./);
    const run = await client.get("/project/ada/project/runs/my-run");
    assert.deepEqual(
      [run.name, run.description, run.state, run.job, run.cluster, run.createdAt, run.finishedAt],
      ["first", "words", "RUNNING", "train", "group", "2026-01-01T00:00:00.500000Z", null],
    );
    assert.deepEqual(run.labels.map(({ name }: { name: string }) => name), ["a", "b"]);
    assert.deepEqual(run.colors, ["#528d59", "#587ad2"]);
    assert.equal(run.user.username, "ada");
    assert.equal((await client.get("/project/ada/project"))._count.experiments, 1);
  }));

test("a run without an id or a start gets both from the host", () =>
  withHost(async (client) => {
    await client.post("/project", { name: "project" });
    const { cuid, createdAt } = await client.post(experiment, { name: "x" });
    assert.match(cuid, /^[0-9a-z]{21}$/);
    assert.equal(createdAt, "2026-11-25T12:00:00.000Z");
  }));

test("resuming keeps the name and the start, and makes the run run again", () =>
  withHost(async (client) => {
    const run = await client.begin({
      cuid: "again",
      name: "first",
      createdAt: "2026-01-01T00:00:00.0Z",
    });
    await client.ask("PUT", `${run.path}/state`, { state: "CRASHED", from: "sdk" });
    const known = await client.ask("POST", experiment, {
      cuid: "again",
      name: "made-up-7",
      description: "more",
      createdAt: "2026-02-02T00:00:00.0Z",
    });
    assert.equal(known.status, 200);
    const { name, description, state, createdAt, finishedAt } = known.json;
    assert.deepEqual([name, description, state, createdAt, finishedAt], [
      "first",
      "more",
      "RUNNING",
      "2026-01-01T00:00:00.0Z",
      null,
    ]);
  }));

test("ids are unique in the whole store and never used again", () =>
  withHost(async (client) => {
    const run = await client.begin({ cuid: "only" });
    await client.post("/project", { name: "other" });
    const elsewhere = await client.ask("POST", "/project/ada/other/experiment", {
      name: "x",
      cuid: "only",
    });
    assert.deepEqual([elsewhere.status, elsewhere.reason], [409, "Conflict"]);
    assert.equal((await client.ask("DELETE", run.path)).status, 200);
    for (
      const [method, path, body] of [
        ["POST", experiment, { name: "x", cuid: "only" }],
        ["GET", run.path, undefined],
        ["PUT", `${run.path}/state`, { state: "FINISHED" }],
        ["POST", "/house/metrics", { experimentId: "only", type: "log", metrics: [] }],
        ["GET", `/house/metrics/summaries/${run.project}/only?all=True`, undefined],
        ["POST", "/experiment/only/columns", []],
      ] as const
    ) {
      const answer = await client.ask(method, path, body);
      assert.deepEqual(
        [answer.status, answer.reason, answer.json.code],
        [404, "Disabled Resource", "Disabled_Resource"],
        path,
      );
    }
  }));

test("many runs are deleted at once, or none when one of them is not there", () =>
  withHost(async (client) => {
    for (const cuid of ["a", "b", "c"]) await client.begin({ cuid });
    const del = "/project/ada/project/runs/del";
    assert.equal((await client.ask("POST", del, { cuids: ["a", "x"] })).status, 404);
    await client.post(del, { cuids: ["a", "b"] });
    const { list } = await client.get("/project/ada/project/runs?page=1&size=20");
    assert.deepEqual(list.map(({ cuid }: { cuid: string }) => cuid), ["c"]);
  }));

test("ids that no client allows are refused", () =>
  withHost(async (client) => {
    await client.post("/project", { name: "project" });
    for (
      const cuid of ["a/b", "../up", "a\\b", "a?b", "a#b", "a%b", "a:b", "a\nb", "x".repeat(513)]
    ) {
      const { status } = await client.ask("POST", experiment, { name: "x", cuid });
      assert.equal(status, 400, JSON.stringify(cuid));
    }
    for (const cuid of ["..", "ünïcödé 🙂", "x".repeat(512)]) {
      const { status, json } = await client.ask("POST", experiment, { name: "x", cuid });
      assert.deepEqual([status, json.cuid], [201, cuid]);
      const path = `/project/ada/project/runs/${encodeURIComponent(cuid)}`;
      if (cuid !== "..") assert.equal((await client.get(path)).cuid, cuid);
    }
  }));

test("each field of the profile is overwritten alone, and kept without loss", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const put = async (body: string): Promise<void> => {
      assert.equal((await client.ask("PUT", `${run.path}/profile`, body)).status, 200);
    };
    await put(
      '{"config":{"n":{"value":9007199254740993,"desc":"","sort":0}},"requirements":"a==1\\n"}',
    );
    await put('{"metadata":{"python":"3.12"}}');
    await put('{"requirements":"b==2\\n"}');
    const { text } = await client.ask("GET", run.path);
    assert.ok(text.includes('"config":{"n":{"value":9007199254740993,"desc":"","sort":0}}'), text);
    const { profile } = JSON.parse(text);
    assert.equal(profile.requirements, "b==2\n");
    assert.deepEqual(profile.metadata, { python: "3.12" });
    const [listed] = await client.post("/project/ada/project/runs/shows", { filters: [] });
    assert.deepEqual(Object.keys(listed.profile), ["config"]);
  }));

test("a run ends as the client says, at the time that it says or now", () =>
  withHost(async (client) => {
    const table = [
      [
        { state: "FINISHED", finishedAt: "2026-01-02T00:00:00+00:00", from: "sdk" },
        "2026-01-02T00:00:00+00:00",
      ],
      [{ state: "CRASHED", from: "sdk" }, "2026-11-25T12:00:00.000Z"],
      [{ state: "ABORTED" }, "2026-11-25T12:00:00.000Z"],
    ] as const;
    const run = await client.begin();
    for (const [body, finishedAt] of table) {
      assert.equal((await client.ask("PUT", `${run.path}/state`, body)).status, 200);
      const found = await client.get(run.path);
      assert.deepEqual([found.state, found.finishedAt], [body.state, finishedAt]);
    }
    const odd = await client.ask("PUT", `${run.path}/state`, { state: "ASLEEP" });
    assert.deepEqual([odd.status, odd.reason], [400, "Bad Request"]);
  }));

test("a heartbeat is taken from living runs only", () =>
  withHost(async (client) => {
    const run = await client.begin();
    const beat = (id: string): Promise<{ status: number }> =>
      client.ask("POST", `/house/experiments/${id}/heartbeat`, { flagId: "123456" });
    assert.equal((await beat(run.id)).status, 200);
    assert.equal((await beat("none")).status, 404);
  }));

test("runs are filtered and sorted by what they are and how they were configured", () =>
  withHost(async (client) => {
    for (const [at, name] of ["b", "a", "c"].entries()) {
      const run = await client.begin({
        cuid: name,
        name: `run ${name}`,
        labels: [{ name: `tag${at % 2}` }],
      });
      const config = { lr: { value: at === 2 ? 10 : at, desc: "", sort: 0 } };
      await client.ask("PUT", `${run.path}/profile`, { config });
      if (at === 0) await client.ask("PUT", `${run.path}/state`, { state: "FINISHED" });
    }
    const state = { type: "STABLE", key: "state", active: true };
    const rate = { type: "CONFIG", key: "lr", active: true };
    const labels = { type: "STABLE", key: "labels", active: true };
    const table: readonly (readonly [object, readonly string[]])[] = [
      [{ filters: [], groups: [], sorts: [] }, ["c", "a", "b"]],
      [{ filters: [{ ...state, op: "EQ", value: ["FINISHED"] }] }, ["b"]],
      [{ filters: [{ ...state, op: "NEQ", value: ["FINISHED"] }] }, ["c", "a"]],
      [{ filters: [{ ...state, op: "EQ", value: ["x"], active: false }] }, ["c", "a", "b"]],
      [{ filters: [{ ...rate, op: "GTE", value: [1] }] }, ["c", "a"]],
      [{ filters: [{ ...rate, op: "LTE", value: ["9"] }] }, ["a", "b"]],
      [{ filters: [{ ...rate, op: "IN", value: [0, 10] }] }, ["c", "b"]],
      [{ filters: [{ ...rate, key: "none", op: "EQ", value: [1] }] }, []],
      [{ filters: [{ ...labels, op: "EQ", value: ["tag1"] }] }, ["a"]],
      [{ filters: [{ ...labels, op: "NOT IN", value: ["tag1"] }] }, ["c", "b"]],
      [{ filters: [{ type: "STABLE", key: "name", op: "CONTAIN", value: ["n c"] }] }, ["c"]],
      [{ sorts: [{ type: "STABLE", key: "name", order: "ASC" }] }, ["a", "b", "c"]],
      [{ sorts: [{ ...rate, order: "DESC" }] }, ["c", "a", "b"]],
    ];
    const shows = "/project/ada/project/runs/shows";
    for (const [body, ids] of table) {
      const list = await client.post(shows, body);
      assert.deepEqual(list.map(({ cuid }: { cuid: string }) => cuid), ids, JSON.stringify(body));
    }
    const odd = [
      { groups: [state] },
      { filters: [{ ...state, op: "LIKE", value: ["x"] }] },
      { filters: [{ ...state, op: "EQ", value: "x" }] },
      { filters: [{ type: "SCALAR", key: "loss", op: "EQ", value: [1] }] },
      { filters: {} },
    ];
    for (const body of odd) {
      assert.equal((await client.ask("POST", shows, body)).status, 400, JSON.stringify(body));
    }
  }));
