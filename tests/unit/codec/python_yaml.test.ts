import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePythonYaml } from "../../../src/codec/python_yaml.ts";
import { readConfig } from "../../../adapters/sources/swanlab/run_config.ts";
import type { Json } from "../../../src/model/json.ts";

/** What PyYAML writes for a value, and that value. */
const values: readonly (readonly [string, Json])[] = [
  ["1", 1],
  ["-7", -7],
  ["9007199254740993", 9007199254740993n],
  ["-170141183460469231731687303715884105728", -(2n ** 127n)],
  ["0x1F", 31],
  ["0b101", 5],
  ["017", 15],
  ["1_000", 1000],
  ["1.0e-12", 1e-12],
  ["1e-12", "1e-12"],
  ["-0.0", -0],
  [".5", 0.5],
  [".nan", NaN],
  [".inf", Infinity],
  ["-.inf", -Infinity],
  ["true", true],
  ["No", false],
  ["y", "y"],
  ["n", "n"],
  ["null", null],
  ["~", null],
  ["''", ""],
  ["'1'", "1"],
  ['"true"', "true"],
  ['"\\u2713 \\U0001F680"', "✓ 🚀"],
  ["2024-01-31", "2024-01-31"],
  ["a: b: c", "a: b: c"],
  ["[1, [2, x]]", [1, [2, "x"]]],
  ["{}", {}],
  ["!!python/tuple [1, 2]", [1, 2]],
  ["!!python/object:my.Config {lr: 0.1}", { lr: 0.1 }],
  ["!!python/object/apply:pathlib.PosixPath [data, x]", ["data", "x"]],
  ["!!python/name:torch.float32 ''", ""],
  ["!!str 12", "12"],
  ["!!float 3", 3],
  ["!!python/unicode 'text'", "text"],
  ["&id001 [1]", [1]],
];

for (const [text, value] of values) {
  test(`PyYAML's ${text} is ${String(value)}`, () => {
    const found = parsePythonYaml(`value: ${text}\n`);
    if (text === "a: b: c") assert.equal(found.complete, false);
    else assert.deepEqual(found.value, { value });
  });
}

test("what is written once and named again is the same value", () => {
  assert.deepEqual(parsePythonYaml("a: &x [1]\nb: *x\n").value, { a: [1], b: [1] });
});

test("aliases that multiply end", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let at = 1; at < 12; at++) {
    const items = Array.from({ length: 10 }, () => `*a${at - 1}`).join(", ");
    lines.push(`a${at}: &a${at} [${items}]`);
  }
  assert.equal(parsePythonYaml(lines.join("\n")).complete, false);
});

test("an alias of itself ends", () => {
  const { value } = parsePythonYaml("a: &a [*a]\n");
  assert.ok(Array.isArray((value as { a: unknown }).a));
});

test("a configuration comes in the order of sort, without its wrapper", () => {
  const text = "b: {desc: '', sort: 1, value: 2}\na: {desc: null, sort: 0, value: {k: [1]}}\n";
  const { set, complete } = readConfig(text);
  assert.deepEqual(Object.entries(set), [["a", { k: [1] }], ["b", 2]]);
  assert.equal(complete, true);
});

test("hostile names are ordinary ones", () => {
  const text = "__proto__: {desc: '', sort: 0, value: {x: 1}}\nconstructor: {sort: 1, value: 2}\n";
  const { set } = readConfig(text);
  assert.deepEqual(Object.keys(set), ["__proto__", "constructor"]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(set, "__proto__")?.value, { x: 1 });
  assert.equal(Object.getPrototypeOf(set), Object.prototype);
});

for (
  const [title, text, expected] of [
    ["a user's file", "user: true\n", {}],
    ["a list", "- 1\n", {}],
    ["half a file", "a: {desc: '', sort: 0, value: 1}\nb:\n  desc: ''\n  so", { a: 1 }],
    ["no YAML", "\u0000\u0001{[", {}],
  ] as const
) {
  test(`of ${title} what is configuration is taken, and the rest noticed`, () => {
    const { set, complete } = readConfig(text);
    assert.deepEqual(set, expected);
    assert.equal(complete, false);
  });
}

test("an empty file is an empty configuration", () => {
  assert.deepEqual(readConfig(""), { set: {}, complete: true });
  assert.deepEqual(readConfig("{}\n"), { set: {}, complete: true });
});

test("brackets that are opened without end are not followed", () => {
  const { value, complete } = parsePythonYaml(`lr: 0.1\nx: ${'{"a":'.repeat(20_000)}`);
  assert.equal(value, null);
  assert.equal(complete, false);
});
