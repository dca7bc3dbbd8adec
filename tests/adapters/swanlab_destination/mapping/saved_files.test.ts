import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { savedPath } from "../../../../adapters/destinations/swanlab/mapping/saved_path.ts";
import type { ArtifactEntry } from "../../../../src/model/event.ts";
import type { JsonObject } from "../../../../src/model/json.ts";
import { mapMade, mapOnly } from "./mapped.ts";

test("saved files and code keep their names and their bytes", async () => {
  const mapped = await mapOnly("wandb/0.31.0/basic");
  assert.deepEqual(mapped.files.map(({ path }) => path), [
    "code/train.py",
    "notes.txt",
    "sub/dir/data [1].bin",
  ]);
  for (const { path, content } of mapped.files) {
    const original = readFileSync(join(mapped.info.path, "files", path));
    assert.deepEqual(mapped.bytes(content), new Uint8Array(original));
  }
});

test("no name of a saved file leads out", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["../x", "_/x"],
    ["/a/b", "a/b"],
    ["a//./b", "a/b"],
    ["a\\..\\b", "a/_/b"],
    ["nul\0\n", "nul__"],
    ["", "file"],
    ["\ud800", "\ufffd"],
  ];
  for (const [name, path] of cases) assert.equal(savedPath(name), path);
});

test("files of an artifact are saved below its name, and it is described in the metadata", async () => {
  const { files, profile } = await mapOnly("wandb/0.31.0/artifact");
  assert.deepEqual(files.map(({ path }) => path), [
    "artifacts/fixture-data/sub/blob.bin",
    "artifacts/fixture-data/table.csv",
  ]);
  const { artifacts } = profile.metadata?.["runferry"] as { readonly artifacts: JsonObject[] };
  const [{ metadata, ...artifact } = {}] = artifacts;
  assert.equal((metadata as JsonObject)["rows"], 3);
  assert.deepEqual(artifact, {
    direction: "output",
    kind: "dataset",
    name: "fixture-data",
    aliases: ["latest", "golden"],
    description: "synthetic dataset",
    entries: [
      {
        path: "remote.bin",
        digest: "https://example.com/data/remote.bin",
        ref: "https://example.com/data/remote.bin",
      },
      {
        path: "sub/blob.bin",
        digest: "Lv2cpVOvnnLlnU1hrDaXSw==",
        bytes: 500,
        saved: "artifacts/fixture-data/sub/blob.bin",
      },
      {
        path: "table.csv",
        digest: "5evUwCzvvnlVl3xnraJCtw==",
        bytes: 8,
        saved: "artifacts/fixture-data/table.csv",
      },
    ],
  });
});

function artifact(entries: readonly ArtifactEntry[]): Parameters<typeof mapMade>[0][number] {
  const rest = { direction: "output", kind: "k", name: "data", aliases: [], metadata: {} } as const;
  return { type: "artifact", ...rest, entries };
}

test("versions of an artifact stay apart", () => {
  const entries = [{ path: "a", file: { path: "files/a" } }];
  const { files } = mapMade([artifact(entries), artifact(entries)]);
  assert.deepEqual(files.map(({ path }) => path), ["artifacts/data/a", "artifacts/data@1/a"]);
});

test("a long list of entries is a saved file, and not in the metadata", () => {
  const entries = Array.from({ length: 300 }, (_, at) => ({ path: `${at}`, ref: `s3://b/${at}` }));
  const mapped = mapMade([artifact(entries)]);
  const [list] = mapped.files;
  assert.equal(list?.path, "artifacts/data.json");
  const bytes = mapped.bytes(list?.content ?? { bytes: new Uint8Array() });
  assert.equal(JSON.parse(new TextDecoder().decode(bytes)).entries.length, 300);
  const { artifacts } = mapped.profile.metadata?.["runferry"] as { artifacts: JsonObject[] };
  assert.deepEqual(artifacts[0]?.["entries"], 300);
});
