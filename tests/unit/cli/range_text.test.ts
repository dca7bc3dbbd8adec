import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStep, parseTime } from "../../../src/cli/range_text.ts";
import { UsageError } from "../../../src/errors.ts";

describe("a step of a range", () => {
  it("is a whole number from 0 on", () => {
    for (const [text, step] of [["0", 0], ["007", 7], ["9007199254740991", 2 ** 53 - 1]] as const) {
      assert.equal(parseStep(text), step);
    }
    for (const text of ["", "-1", "1.5", "1e3", " 1", "x", "9007199254740993"]) {
      assert.throws(() => parseStep(text), UsageError, text);
    }
  });
});

describe("a time of a range", () => {
  it("is unix time in seconds or ms, or ISO 8601", () => {
    const table: readonly (readonly [string, number])[] = [
      ["0", 0],
      ["1795421495", 1_795_421_495_000],
      ["1795421495.25", 1_795_421_495_250],
      ["1795421495000", 1_795_421_495_000],
      ["2026-11-23T08:11:35Z", Date.UTC(2026, 10, 23, 8, 11, 35)],
      ["2026-11-23 08:11Z", Date.UTC(2026, 10, 23, 8, 11)],
      ["2026-11-23T08:11:35.125+08:00", Date.UTC(2026, 10, 23, 0, 11, 35, 125)],
      [" 2026-11-23T08:11:35Z ", Date.UTC(2026, 10, 23, 8, 11, 35)],
    ];
    for (const [text, time] of table) assert.equal(parseTime(text), time, text);
  });

  it("without a zone is local, a day alone too", () => {
    assert.equal(parseTime("2026-11-23T08:11:35"), new Date(2026, 10, 23, 8, 11, 35).getTime());
    assert.equal(parseTime("2026-11-23"), new Date(2026, 10, 23).getTime());
  });

  it("is refused when it is anything else", () => {
    for (const text of ["", "yesterday", "2026-13-01", "2026-11-23T", "-5", "12:00"]) {
      assert.throws(() => parseTime(text), UsageError, text);
    }
  });
});
