import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { escapeConsole, escapeText } from "../../../src/cli/escape.ts";
import {
  hang,
  padEnd,
  padStart,
  textWidth,
  truncate,
  truncateMiddle,
  wrap,
} from "../../../src/cli/width.ts";

describe("width", () => {
  it("counts two columns for East Asian text and emoji, none for combining marks", () => {
    const table: readonly (readonly [string, number])[] = [
      ["", 0],
      ["loss", 4],
      ["损失函数", 8],
      ["ﾊﾝｶｸ", 4],
      ["실험", 4],
      ["🚀", 2],
      ["e\u0301", 1],
      ["a\u200bb", 2],
      ["ü…→█", 4],
    ];
    for (const [text, width] of table) assert.equal(textWidth(text), width, text);
  });

  it("cuts to the columns there are and never through a character", () => {
    assert.equal(truncate("learning-rate", 8), "learnin…");
    assert.equal(truncate("loss", 4), "loss");
    assert.equal(truncate("损失函数", 5), "损失…");
    assert.equal(truncate("损失函数", 4), "损…");
    assert.equal(truncate("x", 0), "");
    assert.equal(truncate("long", Infinity), "long");
  });

  it("cuts paths in the middle", () => {
    assert.equal(truncateMiddle("swanlog/run-20261123_081135", 12), "swanlo…81135");
    assert.equal(truncateMiddle("/数据/实验/一二三四五六", 11), "/数据…五六");
    for (const width of [3, 7, 11, 20]) {
      const cut = truncateMiddle("/数据/experiment/一二三四五六/run", width);
      assert.ok(textWidth(cut) <= width, `${cut} in ${width}`);
    }
  });

  it("breaks text at spaces and leaves long words whole", () => {
    assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
    assert.deepEqual(wrap("损失 函数 x", 7), ["损失", "函数 x"]);
    assert.deepEqual(wrap("averylongword it is", 5), ["averylongword", "it is"]);
    assert.deepEqual(wrap("any length", Infinity), ["any length"]);
    assert.deepEqual(hang("> ", 2, "one two", 6), ["> one", "  two"]);
  });

  it("pads by columns, not by characters", () => {
    assert.equal(padEnd("损失", 6) + "|", "损失  |");
    assert.equal(padStart("损失", 6), "  损失");
    assert.equal(padEnd("toolong", 3), "toolong");
  });
});

describe("escapeConsole", () => {
  it("takes colours out and spells out the rest", () => {
    assert.equal(escapeConsole("\x1b[1;31mred\x1b[0m \x1b[2J"), "red \\x1b[2J");
  });
});

describe("escapeText", () => {
  it("spells out whatever a terminal would act on", () => {
    const table: readonly (readonly [string, string])[] = [
      ["plain ü 损失 🚀", "plain ü 损失 🚀"],
      ["\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"],
      ["a\nb\r\tc\x7f\x9b", "a\\nb\\r\\tc\\x7f\\x9b"],
      ["\u202egnp.exe", "\\u202egnp.exe"],
      ["\u2028\ufeff", "\\u2028\\ufeff"],
      ["\ud800x", "\\ud800x"],
      ["\u{e0041}", "\\u{e0041}"],
    ];
    for (const [text, safe] of table) assert.equal(escapeText(text), safe);
  });
});
