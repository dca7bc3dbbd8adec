import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, keys, withHost } from "./test_host.ts";

test("a project is made once, in each of the ways that clients know", () =>
  withHost(async (client) => {
    const table = [
      ["/projects/ada", { name: "one", visibility: "PUBLIC" }, 201],
      ["/projects/ada", { name: "one", visibility: "PRIVATE" }, 200],
      ["/project", { name: "one" }, 409],
      ["/project", { name: "two" }, 201],
      ["/project", { name: "two", username: "ada" }, 409],
      ["/project/ada", { name: "three", visibility: "PRIVATE" }, 201],
      ["/project/ada", { name: "three" }, 409],
    ] as const;
    for (const [path, body, status] of table) {
      const answer = await client.ask("POST", path, body);
      assert.equal(answer.status, status, JSON.stringify(body));
      assert.equal(answer.json.username, "ada");
      assert.equal(answer.json.name, body.name);
      if (status === 409) {
        assert.deepEqual([answer.reason, answer.json.code], ["Conflict", "Conflict"]);
      }
    }
    const project = await client.get("/project/ada/one");
    assert.equal(project.visibility, "PUBLIC");
    assert.equal(project.version, 1);
    assert.equal(project.path, "/ada/one");
    assert.equal(project.group.username, "ada");
    assert.equal(project._count.experiments, 0);
  }));

test("an old host knows neither series nor the new way to make projects", () =>
  withHost(async (client) => {
    const made = await client.ask("POST", "/projects/ada", { name: "one", visibility: "PRIVATE" });
    assert.deepEqual([made.status, made.reason], [404, "Not Found"]);
    await client.post("/project", { name: "one" });
    assert.ok(!("version" in await client.get("/project/ada/one")));
    const series = await client.ask("POST", "/projects/ada/one/series", { series: [] });
    assert.equal(series.status, 404);
  }, { projectVersion: 0 }));

test("names that no client allows are refused", () =>
  withHost(async (client) => {
    for (const name of ["", "a b", "a/b", "..%2f", "x".repeat(101), 7, null]) {
      const { status } = await client.ask("POST", "/project", { name });
      assert.equal(status, 400, JSON.stringify(name));
    }
  }));

test("workspaces are their owners'; public projects are for all to read", () =>
  withHost(async (ada) => {
    const bob = await Client.login(ada.url, keys.bob);
    await ada.post("/project", { name: "secret" });
    await ada.post("/project", { name: "open", visibility: "PUBLIC" });
    const run = await ada.begin({}, "open");
    const table = [
      ["GET", "/project/ada/secret", undefined, 403],
      ["GET", "/project/ada", undefined, 403],
      ["POST", "/project/ada", { name: "mine" }, 403],
      ["POST", "/project", { name: "mine", username: "ada" }, 403],
      ["POST", "/projects/ada", { name: "mine" }, 403],
      ["GET", "/project/nobody/x", undefined, 404],
      ["POST", "/projects/nobody", { name: "x" }, 404],
      ["GET", "/project/bob/none", undefined, 404],
      ["GET", "/project/ada/open", undefined, 200],
      ["GET", run.path, undefined, 200],
      ["GET", `/house/metrics/summaries/x/${run.id}?all=True`, undefined, 200],
      ["POST", "/project/ada/open/experiment", { name: "x" }, 403],
      ["PUT", `${run.path}/state`, { state: "FINISHED" }, 403],
      ["PUT", `${run.path}/profile`, { config: {} }, 403],
      ["DELETE", run.path, undefined, 403],
      ["POST", "/house/metrics", { experimentId: run.id, type: "scalar", metrics: [] }, 403],
      ["POST", "/resources/presigned/put", { experimentId: run.id, paths: ["a"] }, 403],
      ["POST", `/experiment/${run.id}/files/prepare`, { files: [] }, 403],
      ["POST", `/experiment/${run.id}/columns`, [], 403],
      ["DELETE", "/project/ada/open", undefined, 403],
    ] as const;
    for (const [method, path, body, status] of table) {
      const answer = await bob.ask(method, path, body);
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    }
  }));

test("projects are listed by page and deleted with their runs", () =>
  withHost(async (client) => {
    for (const name of ["a1", "a2", "a3", "b"]) await client.post("/project", { name });
    const run = await client.begin({ cuid: "gone" }, "a1");
    const page = await client.get("/project/ada?page=2&size=3");
    assert.deepEqual(page.list.map(({ name }: { name: string }) => name), ["b"]);
    assert.deepEqual([page.size, page.pages, page.total], [3, 2, 4]);
    assert.equal((await client.get("/project/ada?search=a")).total, 3);
    assert.equal((await client.ask("DELETE", "/project/ada/a1")).status, 200);
    assert.equal((await client.ask("GET", "/project/ada/a1")).status, 404);
    const points = await run.send("scalar", []);
    assert.deepEqual([points.status, points.json.code], [404, "Disabled_Resource"]);
  }));
