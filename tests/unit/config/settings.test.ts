import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { readSettings, type Settings } from "../../../src/config/settings.ts";
import { ConfigError } from "../../../src/errors.ts";
import { inScratch } from "../../contract/scratch.ts";

type Texts = { readonly [name: string]: string };

/** The settings with these environment variables and files; `etc`, `home` and `work` are folders. */
async function settingsOf(environment: Texts, files: Texts = {}): Promise<Settings> {
  return await inScratch(async (directory) => {
    for (const folder of ["etc", "home", "work"]) mkdirSync(join(directory, folder));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    return await readSettings({
      environment: { SWANLAB_CONFIG_DIR: join(directory, "etc"), ...environment },
      home: join(directory, "home"),
      cwd: join(directory, "work"),
    });
  });
}

describe("the settings", () => {
  it("are empty when nobody says anything", async () => {
    assert.deepEqual(await settingsOf({ SWANLAB_API_KEY: "", SWANLAB_WORKSPACE: " " }), {});
  });

  it("come from the environment, in old and new names, without quotes", async () => {
    const settings = await settingsOf({
      SWANLAB_API_HOST: '"http://10.0.0.7:8000/api"',
      SWANLAB_WEB_HOST: "http://10.0.0.7:9000",
      SWANLAB_API_KEY: "'abc'",
      SWANLAB_WORKSPACE: "team",
      SWANLAB_PROJ_NAME: '"dogs"',
      SWANLAB_RUN_ID: "r1",
    });
    assert.equal(settings.host?.url, "http://10.0.0.7:8000");
    assert.equal(settings.host?.webBase, "http://10.0.0.7:9000");
    assert.equal(settings.key?.secret.reveal(), "abc");
    const { workspace, project, runId } = settings;
    assert.deepEqual({ workspace, project, runId }, {
      workspace: "team",
      project: "dogs",
      runId: "r1",
    });
    const nested = await settingsOf({
      SWANLAB_PROJECT_NAME: "cats",
      SWANLAB_PROJ_NAME: "dogs",
      SWANLAB_PROJECT_WORKSPACE: "us",
      SWANLAB_WORKSPACE: "team",
    });
    assert.deepEqual(nested, { workspace: "us", project: "cats" });
  });

  it("count in the order of the official client", async () => {
    const places: readonly (readonly [string, Texts, Texts])[] = [
      ["./swanlab.yaml", {}, { "work/swanlab.yaml": "project: {name: ./swanlab.yaml}" }],
      ["./swanlab.yml", {}, { "work/swanlab.yml": "project: {name: ./swanlab.yml}" }],
      ["/etc b", {}, { "etc/b.yml": "project: {name: /etc b}" }],
      ["/etc a", {}, { "etc/a.yaml": "project: {name: /etc a}", "etc/z.txt": "project: [" }],
      ["variable", { SWANLAB_PROJECT_NAME: "variable" }, {}],
      ["./.swanlab", {}, { "work/.swanlab/config.yaml": "project: {name: ./.swanlab}" }],
      ["~/.swanlab", {}, { "home/.swanlab/config.yml": "project: {name: ~/.swanlab}" }],
      ["old variable", { SWANLAB_PROJ_NAME: "old variable" }, {}],
    ];
    for (const index of places.keys()) {
      const rest = places.slice(index);
      const environment = Object.assign({}, ...rest.map(([, variables]) => variables));
      const files = Object.assign({}, ...rest.map(([, , texts]) => texts));
      assert.equal((await settingsOf(environment, files)).project, places[index]?.[0]);
    }
  });

  it("are put together from several places", async () => {
    const settings = await settingsOf({ SWANLAB_API_KEY: "abc" }, {
      "work/swanlab.yaml": "api_host: swan.example.com\nproject:\n  workspace: team\nmode: cloud\n",
      "home/.swanlab/config.yaml": "project:\n  workspace: me\n  name: dogs\nrun:\n  id: null\n",
    });
    assert.equal(settings.host?.url, "https://swan.example.com");
    assert.equal(settings.hostFrom, "directory");
    assert.equal(settings.key?.from, "user");
    assert.equal(settings.key?.source, "SWANLAB_API_KEY");
    assert.equal(settings.workspace, "team");
    assert.equal(settings.project, "dogs");
    assert.equal(settings.runId, undefined);
  });

  it("that cannot be understood name the file, and quote nothing of it", async () => {
    const table: readonly (readonly [string, RegExp])[] = [
      ["api_key: [hunter2", /swanlab\.yaml cannot be understood: it is not YAML/],
      ["- hunter2", /swanlab\.yaml cannot be understood: it is not a list of names/],
      ["project:\n  name: 12", /project\.name in .*swanlab\.yaml is not a text/],
      ["[".repeat(100_000), /is not YAML/],
      ["x".repeat(2 ** 20 + 1), /too large/],
    ];
    for (const [text, message] of table) {
      await assert.rejects(settingsOf({}, { "work/swanlab.yaml": text }), (error: Error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    }
    await assert.rejects(settingsOf({ SWANLAB_API_HOST: "a b" }), ConfigError);
    await assert.rejects(settingsOf({ SWANLAB_API_KEY: "a b" }), { code: "auth" });
  });
});
