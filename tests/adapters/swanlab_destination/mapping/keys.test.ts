import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allowedKey,
  ColumnKeys,
} from "../../../../adapters/destinations/swanlab/mapping/key_rules.ts";
import { mapMade } from "./mapped.ts";

const anyKey = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(".", "/", " ", "a", "\n", "\ud800"), maxLength: 8 }),
  fc.nat(700).map((length) => "k/".repeat(length)),
);

/** The client's own rule (swanlab 0.10.3). */
function isAllowed(key: string): boolean {
  return key.length >= 1 && key.length <= 512 && !/[\u0000-\u001f\u007f]/.test(key) &&
    !/^[./]|[./]$/.test(key) && key.trim() !== "" && key.isWellFormed();
}

test("every key becomes one that SwanLab takes, always the same", () => {
  fc.assert(fc.property(anyKey, (key) => {
    const allowed = allowedKey(key);
    assert.ok(isAllowed(allowed), JSON.stringify(allowed));
    assert.equal(allowedKey(key), allowed);
  }));
});

test("a key within the rules stays as it is", () => {
  fc.assert(fc.property(anyKey, (key) => {
    const blank = /^[ \t\n\r]|[ \t\n\r]$/;
    if (isAllowed(key) && !blank.test(key)) assert.equal(allowedKey(key), key);
  }));
  assert.equal(allowedKey("k".repeat(512)), "k".repeat(512));
});

test("long keys that begin alike stay apart", () => {
  const [one, two] = ["1", "2"].map((end) => allowedKey("k".repeat(600) + end));
  assert.notEqual(one, two);
  assert.equal(one?.length, 512);
});

test("no two columns ever have one key", () => {
  fc.assert(fc.property(fc.array(anyKey), (keys) => {
    const claimed = new ColumnKeys();
    const given = keys.map((key, at) => claimed.claim(allowedKey(key), `${key}\0${at}`));
    assert.equal(new Set(given).size, keys.length);
    assert.ok(given.every(isAllowed));
  }));
});

test("keys that would be one are told, and stay two", () => {
  const mapped = mapMade([{
    type: "history",
    step: 0,
    values: { "loss/": 1, loss: 2, " loss": 3 },
  }]);
  const [first = "", second = "", third = ""] = [...mapped.columns.keys()];
  assert.equal(first, "loss");
  assert.match(second, /^loss~[0-9a-f]{8}$/);
  assert.match(third, /^loss~[0-9a-f]{8}$/);
  assert.deepEqual(
    mapped.losses,
    [
      ["a key that SwanLab refuses was changed", "loss/ → loss"],
      ["two keys would have been one", `loss → ${second}`],
      ["a key that SwanLab refuses was changed", ` loss → ${third}`],
    ].map(([reason, example]) => ({ kind: "converted", reason, example })),
  );
});
