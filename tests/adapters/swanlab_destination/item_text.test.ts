import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  itemSeparator,
  keyText,
  mediaIdentity,
  mediaText,
  scalarText,
} from "../../../adapters/destinations/swanlab/item_text.ts";

const time = 1_778_051_289_123.456;
const at = '"create_time":"2026-05-06T07:08:09.123456Z"';

describe("a point for the API", () => {
  it("keeps its number, with the spellings of clients for what JSON has none", () => {
    const table: readonly (readonly [number, string])[] = [
      [0.1, "0.1"],
      [-0, "-0"],
      [0, "0"],
      [1e300, "1e+300"],
      [2 ** 53 - 1, "9007199254740991"],
      [2 ** 53, "9007199254740992.0"],
      [-(2 ** 60), "-1152921504606847000.0"],
      [1e21, "1e+21"],
      [NaN, '"NaN"'],
      [Infinity, '"INF"'],
      [-Infinity, '"INF"'],
    ];
    for (const [value, data] of table) {
      const text = scalarText(keyText("a"), 3, time, value);
      assert.equal(text, `{"key":"a","index":3,"data":${data},${at}}`);
      assert.doesNotThrow(() => JSON.parse(text));
    }
  });

  it("has all digits of an integer that no double holds", () => {
    const text = scalarText(keyText("a"), 3, time, 2 ** 53, "9007199254740993");
    assert.equal(text, `{"key":"a","index":3,"data":9007199254740993,${at}}`);
  });

  it("has all digits of its step", () => {
    for (
      const [step, digits] of [[0, "0"], [2 ** 53 - 1, "9007199254740991"], [
        2 ** 60,
        "1152921504606846976",
      ]] as const
    ) {
      assert.match(scalarText(keyText("a"), step, time, 1), new RegExp(`"index":${digits},`));
      const media = mediaText(keyText("a"), step, time, { data: ["x"], captions: [undefined] });
      assert.match(media, new RegExp(`"index":${digits},`));
    }
  });

  it("never holds what stands between items, whatever its key and texts", () => {
    const odd = 'a",\n"b\\';
    const texts = [
      scalarText(keyText(odd), 0, time, 1),
      mediaText(keyText(odd), 0, time, { data: [odd], captions: [odd] }),
    ];
    for (const text of texts) {
      assert.equal(text.split(itemSeparator).length, 1);
      assert.equal((JSON.parse(text) as { readonly key: string }).key, odd);
    }
  });

  it("of media has its captions beside the items that they belong to", () => {
    const media = { data: ["a.png", "b.png", "c.png"], captions: [undefined, "two", ""] };
    assert.equal(
      mediaText(keyText("img"), 1, time, media),
      '{"key":"img","index":1,"data":["a.png","b.png","c.png"],' +
        `"more":[null,{"caption":"two"},{"caption":""}],${at}}`,
    );
  });

  it("of media is the same only with the same items and captions", () => {
    const identity = mediaIdentity({ data: ["a", "b"], captions: ["x", undefined] });
    assert.equal(mediaIdentity({ data: ["a", "b"], captions: ["x", undefined] }), identity);
    for (
      const other of [
        { data: ["b", "a"], captions: ["x", undefined] },
        { data: ["a", "b"], captions: [undefined, "x"] },
        { data: ["a"], captions: ["x"] },
      ]
    ) assert.notEqual(mediaIdentity(other), identity);
  });

  it("of media with an empty caption is that without one: hosts give both back alike", () => {
    const data = ["a"];
    assert.equal(
      mediaIdentity({ data, captions: [""] }),
      mediaIdentity({ data, captions: [undefined] }),
    );
  });
});
