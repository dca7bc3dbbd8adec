import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readCsvPoints, readValue } from "../../../adapters/destinations/swanlab/csv_points.ts";
import { UnexpectedResponse } from "../../../src/net/unexpected_response.ts";

/** The points of a table, "KEY STEP TIME VALUE" each; the table comes in pieces of `size` bytes. */
async function pointsOf(
  text: string,
  keys: readonly string[],
  size = Infinity,
): Promise<readonly string[]> {
  const bytes = new TextEncoder().encode(text);
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) {
      yield await Promise.resolve(bytes.subarray(at, Math.min(bytes.length, at + size)));
    }
  };
  const points: string[] = [];
  await readCsvPoints(pieces(), keys, (column, step, time, value) => {
    points.push(`${keys[column]} ${step} ${time} ${value}`);
  });
  return points;
}

describe("an exported table", () => {
  it("is read in whatever layout a host writes it", async () => {
    const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
      ["step, run-a_step, time\n0,1,5\n", ["a"], ["a 0 5 1"]],
      ["\ufeffstep,run-a_step,time\r\n0,1,5\r\n", ["a"], ["a 0 5 1"]],
      ["step,run-a_step,time\n0,1,5", ["a"], ["a 0 5 1"]],
      ["step,run-a_step,time\n\n0,,\n1,2,\n", ["a"], ["a 1 NaN 2"]],
      [
        "step,r-a_step,t,r-b_step,t\n0,1,5,,\n1,,,2,6\n2,3,7,4,8\n",
        ["a", "b"],
        ["a 0 5 1", "b 1 6 2", "a 2 7 3", "b 2 8 4"],
      ],
      ["step,r-b_step,t,r-a_step,t\n0,1,5,2,6\n", ["a", "b"], ["b 0 5 1", "a 0 6 2"]],
      ["step,r-a_step,t\n0,1,5\n", ["a", "b"], ["a 0 5 1"]],
      ["step,r-a-b_step,t\n0,1,5\n", ["b", "a-b"], ["a-b 0 5 1"]],
      ["step,r-c_step,t,r-b_step,t\n0,9,9,1,5\n", ["b"], ["b 0 5 1"]],
      ['step,"r-a,""b""_step",t\n0,1,5\n', ['a,"b"'], ['a,"b" 0 5 1']],
      ['step,"r-a\nb_step",t\n0,1,5\n', ["a\nb"], ["a\nb 0 5 1"]],
      ["step,r-a_step,t\n1152921504606846976,1,5\n", ["a"], [`a ${2 ** 60} 5 1`]],
      ["step,r-a_step,t\n", ["a"], []],
    ];
    for (const [text, keys, points] of table) {
      assert.deepEqual(await pointsOf(text, keys), points, text);
    }
  });

  it("means the same however it is cut into pieces", async () => {
    const text = 'step,r-é_step,t,"r-x,\ny_step",t\n0,1,5,NaN,6\n1,,,Infinity,7\n';
    const keys = ["é", "x,\ny"];
    const whole = await pointsOf(text, keys);
    assert.equal(whole.length, 3);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (size) => {
        assert.deepEqual(await pointsOf(text, keys, size), whole);
      }),
      { numRuns: 60 },
    );
  });

  it("is refused when it is something else", async () => {
    for (const text of ["<html></html>", "time,r-a_step,t\n", '{"code":"x"}']) {
      await assert.rejects(pointsOf(text, ["a"]), UnexpectedResponse);
    }
  });

  it("knows the spellings of servers for what is no number", () => {
    const table: readonly (readonly [string, number])[] = [
      ["0.1", 0.1],
      ["-0", -0],
      ["1e-320", 1e-320],
      ["NaN", NaN],
      ["nan", NaN],
      ["INF", Infinity],
      ["inf", Infinity],
      ["+Inf", Infinity],
      ["-inf", Infinity],
      ["Infinity", Infinity],
    ];
    for (const [text, value] of table) assert.ok(Object.is(readValue(text), value), text);
  });
});
