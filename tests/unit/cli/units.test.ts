import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatBytes,
  formatCount,
  formatMany,
  formatSeconds,
  formatTime,
  parseBytes,
  parseCount,
} from "../../../src/cli/units.ts";
import { UsageError } from "../../../src/errors.ts";

describe("units", () => {
  it("show bytes in powers of 1000 with at most one decimal", () => {
    const table: readonly (readonly [number, string])[] = [
      [0, "0 B"],
      [999, "999 B"],
      [1000, "1.0 kB"],
      [12_345_678, "12.3 MB"],
      [99_940_000, "99.9 MB"],
      [99_960_000, "100 MB"],
      [999_600_000, "1.0 GB"],
      [5e18, "5000 PB"],
    ];
    for (const [bytes, text] of table) assert.equal(formatBytes(bytes), text);
  });

  it("show counts with commas, also beyond 2^53", () => {
    assert.equal(formatCount(0), "0");
    assert.equal(formatCount(1234567), "1,234,567");
    assert.equal(formatCount(12345678901234567890n), "12,345,678,901,234,567,890");
    assert.equal(formatMany(1, "run"), "1 run");
    assert.equal(formatMany(1200, "run"), "1,200 runs");
  });

  it("show durations in the unit that fits", () => {
    const table: readonly (readonly [number, string])[] = [
      [0, "0.0 s"],
      [59.94, "59.9 s"],
      [59.96, "1 min 0 s"],
      [200, "3 min 20 s"],
      [7500, "2 h 05 min"],
      [273_600, "3 d 4 h"],
    ];
    for (const [seconds, text] of table) assert.equal(formatSeconds(seconds), text);
  });

  it("show times in UTC and survive impossible ones", () => {
    assert.equal(formatTime(1_795_421_495_123.4), "2026-11-23 08:11:35 UTC");
    assert.equal(formatTime(NaN), "NaN");
    assert.equal(formatTime(1e300), "1e+300");
  });
});

describe("what users type", () => {
  it("is a size in many spellings", () => {
    const table: readonly (readonly [string, number])[] = [
      ["0", 0],
      ["4096", 4096],
      ["10MB", 10_000_000],
      ["10 mb", 10_000_000],
      ["500k", 500_000],
      ["1.5GiB", 1_610_612_736],
      ["2TB", 2e12],
    ];
    for (const [text, bytes] of table) assert.equal(parseBytes(text), bytes);
  });

  it("is refused as a size, saying what is one", () => {
    for (const text of ["", "MB", "-1", "1e9", "10 apples", "1..5MB", "NaN"]) {
      assert.throws(
        () => parseBytes(text),
        (error) =>
          error instanceof UsageError && error.message.includes(JSON.stringify(text)) &&
          error.hint !== undefined,
      );
    }
  });

  it("is a count of at least one", () => {
    assert.equal(parseCount("16"), 16);
    for (const text of ["0", "-1", "1.5", "two", "", "9999999999"]) {
      assert.throws(() => parseCount(text), UsageError);
    }
  });
});
