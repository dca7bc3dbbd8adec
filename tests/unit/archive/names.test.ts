import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { fileEntryPath, isPlainPath, plainName } from "../../../src/archive/names.ts";

const names: readonly (readonly [string, string])[] = [
  ["run-20240101", "run-20240101"],
  ["", "fallback"],
  [".", "_"],
  ["..", "__"],
  ["...", "___"],
  [".hidden", ".hidden"],
  ["a/b", "a_b"],
  ["a\\b", "a_b"],
  ["a\0b\nc\x7f", "a_b_c_"],
  ["\ud800", "\ufffd"],
  ["ü ✓ 🚢", "ü ✓ 🚢"],
];

for (const [name, plain] of names) {
  test(`the name ${JSON.stringify(name)} becomes ${JSON.stringify(plain)}`, () => {
    assert.equal(plainName(name, "fallback"), plain);
  });
}

test("long names are cut at a whole character and stay apart", () => {
  for (const letter of ["a", "é", "✓", "🚢"]) {
    const [one, two] = [plainName(letter.repeat(200) + "1", ""), plainName(letter.repeat(200), "")];
    for (const name of [one, two]) {
      assert.ok(Buffer.byteLength(name) <= 242);
      assert.ok(name.isWellFormed());
    }
    assert.notEqual(one, two);
    assert.equal(plainName(letter.repeat(200), ""), two);
  }
});

const paths: readonly (readonly [string, boolean])[] = [
  ["a", true],
  ["a/b c/ü", true],
  ["..a/b..", true],
  ["", false],
  ["/a", false],
  ["a/", false],
  ["a//b", false],
  ["a/./b", false],
  ["a/../b", false],
  ["..", false],
  ["a\0", false],
  ["\udc00", false],
];

for (const [path, plain] of paths) {
  test(`${JSON.stringify(path)} ${plain ? "is" : "is not"} a plain path`, () => {
    assert.equal(isPlainPath(path), plain);
  });
}

test("files get plain entries of their own, wherever they come from", () => {
  assert.equal(fileEntryPath("files/media/x.png"), "files/files/media/x.png");
  const outside = ["/tmp/x.png", "../x.png", "a//x.png", ".outside/x.png", "..", "/", ""];
  const entries = outside.map(fileEntryPath);
  assert.equal(new Set(entries).size, outside.length);
  for (const entry of entries) {
    assert.match(entry, /^files\/\.outside\/[0-9a-f]{16}-[^/]+$/);
    assert.ok(isPlainPath(entry));
  }
});
