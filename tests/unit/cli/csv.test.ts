import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { csvLine, csvText } from "../../../src/cli/csv.ts";

describe("CSV", () => {
  it("quotes texts as RFC 4180 has it", () => {
    const table: readonly (readonly [string, string])[] = [
      ["plain", "plain"],
      ["损失", "损失"],
      ["a,b", '"a,b"'],
      ['say "hi"', '"say ""hi"""'],
      ["two\nlines", '"two\nlines"'],
      ["cr\r", '"cr\r"'],
      [" padded", '" padded"'],
      ["", '""'],
    ];
    for (const [text, cell] of table) assert.equal(csvText(text), cell);
  });

  it("ends lines with CR LF", () => {
    assert.equal(csvLine(["1", "", '""']), '1,,""\r\n');
  });
});
