import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { decodeMsgpack, MalformedMsgpack } from "../../../src/archive/msgpack_decoder.ts";
import { MsgpackEncoder } from "../../../src/archive/msgpack_encoder.ts";

/** Values and their bytes as the MessagePack specification has them. */
const spellings: readonly (readonly [unknown, string])[] = [
  [null, "c0"],
  [false, "c2"],
  [true, "c3"],
  [0, "00"],
  [127, "7f"],
  [128, "cc80"],
  [255, "ccff"],
  [256, "cd0100"],
  [65_535, "cdffff"],
  [65_536, "ce00010000"],
  [2 ** 32 - 1, "ceffffffff"],
  [2 ** 32, "cf0000000100000000"],
  [Number.MAX_SAFE_INTEGER, "cf001fffffffffffff"],
  [-1, "ff"],
  [-32, "e0"],
  [-33, "d0df"],
  [-128, "d080"],
  [-129, "d1ff7f"],
  [-32_768, "d18000"],
  [-32_769, "d2ffff7fff"],
  [-(2 ** 31), "d280000000"],
  [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
  [0.5, "cb3fe0000000000000"],
  [-0, "cb8000000000000000"],
  [2 ** 53, "cb4340000000000000"],
  [NaN, "cb7ff8000000000000"],
  [-Infinity, "cbfff0000000000000"],
  [2n ** 53n, "cf0020000000000000"],
  [-(2n ** 53n), "d3ffe0000000000000"],
  [2n ** 64n - 1n, "cfffffffffffffffff"],
  [-(2n ** 63n), "d38000000000000000"],
  [2n ** 64n, "c714013138343436373434303733373039353531363136"],
  ["", "a0"],
  ["abc", "a3616263"],
  ["é", "a2c3a9"],
  ["🚢", "a4f09f9aa2"],
  ["\ud800x", "a4eda08078"],
  ["x\udfff", "a478edbfbf"],
  ["a".repeat(32), `d920${"61".repeat(32)}`],
  [[], "90"],
  [[1, [2]], "92019102"],
  [{}, "80"],
  [{ a: 1 }, "81a16101"],
  [JSON.parse('{"__proto__":1}'), "81a95f5f70726f746f5f5f01"],
];

for (const [value, hex] of spellings) {
  test(`${hex.slice(0, 40)} is written and read`, () => {
    assert.equal(new MsgpackEncoder().value(value).take().toString("hex"), hex);
    const back = decodeMsgpack(Buffer.from(hex, "hex"));
    assert.deepEqual(back, value);
    assert.ok(Object.is(back, value) || typeof value === "object");
  });
}

test("properties that are undefined are left out", () => {
  const bytes = new MsgpackEncoder().value({ a: undefined, b: 1, c: undefined }).take();
  assert.deepEqual(decodeMsgpack(bytes), { b: 1 });
});

for (const length of [255, 256, 65_535, 65_536]) {
  test(`lengths of ${length} are written and read`, () => {
    const value = {
      text: "x".repeat(length),
      wide: "ü".repeat(length),
      lone: "\udc00".repeat(length),
      list: new Array<number>(length).fill(1),
    };
    assert.deepEqual(decodeMsgpack(new MsgpackEncoder().value(value).take()), value);
    const bytes = new Uint8Array(length).fill(9);
    assert.deepEqual(
      Buffer.from(decodeMsgpack(new MsgpackEncoder().bytes(bytes).take()) as Uint8Array),
      Buffer.from(bytes),
    );
    const keys = Object.fromEntries([...Array(length).keys()].map((key) => [`k${key}`, key]));
    assert.deepEqual(decodeMsgpack(new MsgpackEncoder().value(keys).take()), keys);
  });
}

test("integers too long for 64 bits are exact", () => {
  for (const value of [10n ** 300n, -(10n ** 300n), 10n ** 999n]) {
    assert.equal(decodeMsgpack(new MsgpackEncoder().value(value).take()), value);
  }
});

const malformed: ReadonlyMap<string, string> = new Map([
  ["nothing", ""],
  ["a byte that begins nothing", "c1"],
  ["two values", "0101"],
  ["a text past the end", "a561"],
  ["an array past the end", "dd7fffffff"],
  ["a map past the end", "df7fffffff"],
  ["a double cut short", "cb00"],
  ["a key that is no text", "810101"],
  ["an unknown extension", "c7010200"],
  ["an integer extension without digits", "c7030178ff20"],
  ["a fixed extension", "d40100"],
  ["arrays nested too deep", "91".repeat(5000) + "90"],
]);

for (const [what, hex] of malformed) {
  test(`${what} is malformed`, () => {
    assert.throws(() => decodeMsgpack(Buffer.from(hex, "hex")), MalformedMsgpack);
  });
}

test("bytes that are no UTF-8 at all are read as U+FFFD", () => {
  assert.equal(decodeMsgpack(Buffer.from("a3ff6180", "hex")), "\ufffda\ufffd");
});

test("functions cannot be written", () => {
  assert.throws(() => new MsgpackEncoder().value(() => 1), TypeError);
});
