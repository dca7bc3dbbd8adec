import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Column, layoutTable } from "../../../src/cli/table.ts";
import { textWidth } from "../../../src/cli/width.ts";

const columns: readonly Column[] = [
  { title: "ID", rank: 9 },
  { title: "NAME", cut: "end", rank: 7 },
  { title: "STEPS", align: "right", rank: 2 },
  { title: "PATH", cut: "middle", rank: 10 },
];

const rows = [
  ["a1", "short", "5", "swanlog/run-1"],
  ["b22", "一个很长的实验名称", "12,345", "/very/long/way/to/some/run-20261123_081135"],
];

describe("layoutTable", () => {
  it("cuts nothing when there is no width to fit", () => {
    assert.deepEqual(layoutTable(columns, rows, Infinity), [
      "ID   NAME                 STEPS  PATH",
      "a1   short                    5  swanlog/run-1",
      "b22  一个很长的实验名称  12,345  /very/long/way/to/some/run-20261123_081135",
    ]);
  });

  it("cuts the longest cells first", () => {
    assert.deepEqual(layoutTable(columns, rows, 60), [
      "ID   NAME                 STEPS  PATH",
      "a1   short                    5  swanlog/run-1",
      "b22  一个很长的实验名称  12,345  /very/long/wa…261123_081135",
    ]);
  });

  it("leaves out columns by rank when cutting is not enough", () => {
    const lines = layoutTable(columns, rows, 30);
    assert.equal(lines[0], "ID   NAME         PATH");
  });

  it("never exceeds the width as long as one column fits", () => {
    for (let width = 10; width < 100; width++) {
      for (const line of layoutTable(columns, rows, width)) {
        assert.ok(textWidth(line) <= width, `${line} in ${width}`);
      }
    }
  });
});
