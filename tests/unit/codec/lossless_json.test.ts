import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type LosslessValue,
  MalformedJson,
  parseLosslessJson,
  writeLosslessJson,
} from "../../../src/codec/lossless_json.ts";

describe("parseLosslessJson", () => {
  const values: readonly (readonly [string, LosslessValue])[] = [
    ["null", null],
    [" true ", true],
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["-Infinity", -Infinity],
    ["-0", -0],
    ["-0.0", -0],
    ["1e+06", 1_000_000],
    ["1E-5", 1e-5],
    ["1e400", Infinity],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9007199254740993", -9007199254740993n],
    ["1180591620717411303424", 2n ** 70n],
    ["1180591620717411303424.0", 2 ** 70],
    ["0.1234567890123456789", 0.1234567890123456789],
    ["12345678901234567890e-5", 12345678901234567890e-5],
    ["[1, NaN, -Infinity, 123456789012345678901]", [1, NaN, -Infinity, 123456789012345678901n]],
    ['{"a": NaN, "b": [[], {}], "": {"c": -0}}', { a: NaN, b: [[], {}], "": { c: -0 } }],
    ['"NaN"', "NaN"],
    ['["a string with 12345678901234567890 and NaN"]', [
      "a string with 12345678901234567890 and NaN",
    ]],
    ['[NaN, "\\u00e9\\n\\\\\\"\\/"]', [NaN, 'é\n\\"/']],
    ['[NaN, "\\ud800"]', [NaN, "\ud800"]],
    ['"\\udfff\\ud800"', "\udfff\ud800"],
    ["\n\t\r [ NaN , 1 ]\n", [NaN, 1]],
    ["[NaN, null, true, false]", [NaN, null, true, false]],
  ];
  for (const [text, value] of values) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseLosslessJson(text), value);
    });
  }

  for (const text of ['{"__proto__": 1, "constructor": 2}', '{"__proto__": {"a": NaN}}']) {
    it(`keeps the keys of ${text} as the object's own`, () => {
      const value = parseLosslessJson(text);
      assert.ok(typeof value === "object" && value !== null);
      assert.ok(Object.hasOwn(value, "__proto__"));
      assert.equal(Object.getPrototypeOf(value), Object.prototype);
    });
  }

  it("takes the last of equal keys, as Python does", () => {
    assert.deepEqual(parseLosslessJson('{"a": NaN, "a": 2}'), { a: 2 });
    assert.deepEqual(parseLosslessJson('{"a": 1, "a": 2}'), { a: 2 });
  });

  const malformed = [
    "",
    " ",
    "nan",
    "-NaN",
    "+1",
    "01",
    "1.",
    ".5",
    "1e",
    "[1,]",
    "[1 2]",
    "[",
    "[NaN",
    '{"a"}',
    '{"a":}',
    "{NaN: 1}",
    '{"a": 1,}',
    "[NaN,]",
    "NaN NaN",
    "nulll",
    "'a'",
    '"a',
    '["\n", NaN]',
    '["\\x", NaN]',
    '["\\u12", NaN]',
    "\ufeff1",
    "undefined",
  ];
  for (const text of malformed) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseLosslessJson(text), MalformedJson);
    });
  }

  it("says where and what it did not expect", () => {
    assert.throws(() => parseLosslessJson("[NaN, x]"), /unexpected "x" at 6/);
    assert.throws(() => parseLosslessJson("[NaN"), /ends early/);
  });

  for (const [open, close] of [["[", "]"], ['{"a":', "}"]] as const) {
    it(`reads 1000 levels of ${open} and refuses more`, () => {
      for (const inner of ["1", "NaN"]) {
        const nested = (levels: number): string =>
          open.repeat(levels) + inner + close.repeat(levels);
        assert.ok(parseLosslessJson(nested(1000)));
        assert.throws(() => parseLosslessJson(nested(1001)), /deeper than 1000/);
        assert.throws(() => parseLosslessJson(nested(1_000_000)), MalformedJson);
        assert.throws(() => parseLosslessJson(open.repeat(1_000_000)), MalformedJson);
      }
    });
  }

  it("does not take brackets in strings for nesting", () => {
    const text = JSON.stringify(["[".repeat(5000), '\\"' + "{".repeat(5000), "]"]);
    assert.deepEqual(parseLosslessJson(text), JSON.parse(text));
    assert.deepEqual(parseLosslessJson(`[${text},NaN]`), [JSON.parse(text), NaN]);
  });

  it("reads strings of any length next to a NaN", () => {
    const long = 'a\n\\"é'.repeat(1_000_000);
    assert.deepEqual(parseLosslessJson(`[NaN,${JSON.stringify(long)}]`), [NaN, long]);
    assert.throws(() => parseLosslessJson(`[NaN,"${"\\".repeat(1_000_001)}`), MalformedJson);
  });

  it("refuses an integer of so many digits that reading it would take quadratic time", () => {
    assert.equal(parseLosslessJson("9".repeat(4000)), BigInt("9".repeat(4000)));
    assert.throws(() => parseLosslessJson("9".repeat(1_000_000)), MalformedJson);
  });
});

describe("writeLosslessJson", () => {
  const values: readonly (readonly [unknown, string])[] = [
    [null, "null"],
    [NaN, '"NaN"'],
    [[Infinity, -Infinity], '["Infinity","-Infinity"]'],
    [-0, "-0"],
    [{ a: [-0, 0] }, '{"a":[-0,0]}'],
    [2n ** 70n, "1180591620717411303424"],
    [{ step: 9007199254740993n, loss: 0.1 }, '{"step":9007199254740993,"loss":0.1}'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [{ a: undefined, b: NaN }, '{"b":"NaN"}'],
    [[undefined, 1n], "[null,1]"],
    ["\ud800", '"\\ud800"'],
    [{ "\udc00": NaN }, '{"\\udc00":"NaN"}'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    [[2 ** 53, -1e20], "[9007199254740992.0,-100000000000000000000.0]"],
    [1e21, "1e+21"],
    [5e-324, "5e-324"],
  ];
  for (const [value, text] of values) {
    it(`writes ${text}`, () => assert.equal(writeLosslessJson(value), text));
  }

  it("does not leave a NaN behind a key named __proto__ unseen", () => {
    const value = parseLosslessJson('{"__proto__": NaN}');
    assert.equal(writeLosslessJson(value), '{"__proto__":"NaN"}');
  });
});
