import assert from "node:assert/strict";
import { test } from "node:test";
import { logBeginning } from "../../../src/files/log_beginning.ts";

const head = new Uint8Array(600).fill(7);
const changed = head.with(511, 8);

const table: readonly (readonly [what: string, other: Uint8Array, equal: boolean])[] = [
  ["is that of a copy", head.slice(), true],
  ["stays when the log grows", new Uint8Array([...head, 1, 2, 3]), true],
  ["is as long as it needs to be", head.with(512, 8), true],
  ["differs where a byte of it does", changed, false],
  ["is not known of a young log", head.subarray(0, 511), false],
];

for (const [what, other, equal] of table) {
  test(`the beginning of a log ${what}`, () => {
    assert.equal(logBeginning(other) === logBeginning(head), equal);
  });
}

test("a young log has no beginning yet", () => {
  assert.equal(logBeginning(head.subarray(0, 511)), undefined);
});
