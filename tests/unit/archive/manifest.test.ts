import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contentHash,
  encodeManifest,
  type Manifest,
  wholeTally,
} from "../../../src/archive/manifest.ts";
import { MalformedManifest, parseManifest } from "../../../src/archive/parse_manifest.ts";
import type { Json } from "../../../src/model/json.ts";

const sha256 = "0123456789abcdef".repeat(4);

function metric(last: Json): Manifest["tally"]["metrics"][string] {
  return { points: 3, firstStep: -(2n ** 60n), lastStep: 7, last, digest: "d" };
}

const lasts: readonly Json[] = [
  1.5,
  -0,
  NaN,
  Infinity,
  -Infinity,
  2n ** 70n,
  null,
  true,
  "NaN",
  [1, [NaN, { number: "NaN" }], { integer: "1" }],
  { object: { object: 1n } },
  JSON.parse('{"__proto__":[1]}'),
];

const sample: Manifest = {
  tool: "runferry 1",
  run: {
    source: "lines",
    path: "/a/run-1",
    directory: "run-1",
    id: "id",
    name: "näme \ud800",
    startedAt: 1.5,
    writer: { tracker: "lines", version: "1", format: "lines 1" },
  },
  stamp: "stamp",
  keepsSource: true,
  complete: true,
  tally: {
    events: { history: 3 },
    metrics: Object.fromEntries(lasts.map((last, at) => [`m${at}`, metric(last)])),
    system: Object.fromEntries([["__proto__", metric(1)]]),
    console: { lines: 2, digest: "c" },
    digest: "all",
  },
  files: new Map([["/outside/x", "files/.outside/x"], ["__proto__", "source/__proto__"]]),
  entries: [
    { path: "events/00000.msgpack.zst", kind: "file", bytes: 1, sha256, mode: 0o644, modified: 0 },
    { path: "files/.outside/x", kind: "file", bytes: 2, sha256, mode: 0o644, modified: 0.5 },
    { path: "source/__proto__", kind: "file", bytes: 3, sha256, mode: 0o600, modified: 1 },
    { path: "source/d", kind: "directory", bytes: 0, mode: 0o755, modified: 2 },
    { path: "source/l", kind: "link", bytes: 0, mode: 0o777, modified: 3, target: "../x" },
  ],
};

function textOf(manifest: Manifest): string {
  return encodeManifest(manifest).toString("utf8");
}

test("a manifest is read as it was written, whatever the values in it", () => {
  assert.deepEqual(parseManifest(textOf(sample)), sample);
});

test("a manifest may be followed by spaces", () => {
  assert.deepEqual(parseManifest(textOf(sample) + " ".repeat(1000)), sample);
});

test("a manifest is standard JSON that says what it is", () => {
  const json = JSON.parse(textOf(sample));
  assert.equal(json.format, "runferry archive");
  assert.equal(json.version, 1);
  assert.deepEqual(json.tally.metrics.m2.last, { number: "NaN" });
  assert.deepEqual(json.tally.metrics.m2.firstStep, { integer: "-1152921504606846976" });
});

test("the whole tally has the files by the paths of the run", () => {
  const { files, ...tally } = wholeTally(sample);
  assert.deepEqual(tally, sample.tally);
  assert.deepEqual(
    files,
    Object.fromEntries([
      ["__proto__", { bytes: 3, sha256 }],
      ["/outside/x", { bytes: 2, sha256 }],
    ]),
  );
});

const otherContents: readonly Partial<Manifest>[] = [
  { run: { ...sample.run, id: "other" } },
  { keepsSource: false },
  { tally: { ...sample.tally, digest: "other" } },
  { entries: sample.entries.slice(0, -1) },
  { entries: sample.entries.map((entry) => ({ ...entry, target: "other" })) },
  { files: new Map() },
];

const sameContents: readonly Partial<Manifest>[] = [
  { tool: "runferry 2" },
  { stamp: "other" },
  { run: { ...sample.run, path: "/elsewhere" } },
  { entries: sample.entries.toReversed() },
  { entries: sample.entries.slice(1) },
  { entries: sample.entries.map((entry) => ({ ...entry, mode: 0, modified: 9 })) },
];

test("the content's hash tells other content, and nothing else", () => {
  const hash = contentHash(sample);
  for (const change of otherContents) assert.notEqual(contentHash({ ...sample, ...change }), hash);
  for (const change of sameContents) assert.equal(contentHash({ ...sample, ...change }), hash);
});

const text = textOf(sample);
const malformed: ReadonlyMap<string, string> = new Map([
  ["no JSON", text.slice(0, -3)],
  ["a list", "[]"],
  ["no run", text.replace('"run"', '"ran"')],
  ["a run without id", text.replace('"id"', '"ID"')],
  ["a negative size", text.replace('"bytes": 2', '"bytes": -2')],
  ["a size that is no whole number", text.replace('"bytes": 2', '"bytes": 2.5')],
  ["a size beyond counting", text.replace('"bytes": 2', '"bytes": 1e300')],
  ["a hash that is none", text.replace(sha256, "xyz")],
  ["an unknown kind", text.replace('"directory",', '"device",')],
  ["entries that are none", text.replace(/"entries": \[[^]*\]/, '"entries": [1]')],
  ["a file that leads nowhere", text.replace('"source/__proto__"', "7")],
  ["a number that is none", text.replace('"number": "NaN"', '"numero": "NaN"')],
  ["an integer that is none", text.replace("-1152921504606846976", "12x")],
]);

for (const [what, changed] of malformed) {
  test(`a manifest with ${what} is malformed`, () => {
    assert.notEqual(changed, text);
    assert.throws(() => parseManifest(changed), MalformedManifest);
  });
}
