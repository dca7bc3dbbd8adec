import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { type Line, textLines } from "../../../adapters/sources/swanlab/text_lines.ts";

/** Every line of a text that arrives in pieces of these lengths, one after the other. */
async function linesOf(
  text: string,
  pieces: readonly number[],
  longest: number,
): Promise<readonly Line[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    const bytes = Buffer.from(text);
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const length = pieces[turn % pieces.length] ?? 1;
      yield await Promise.resolve(bytes.subarray(at, at + length));
      at += length;
    }
  }
  return (await Array.fromAsync(textLines(stream(), longest))).flat();
}

const texts = fc.array(fc.constantFrom("a", "b", "é", "\n"), { maxLength: 60 })
  .map((parts) => parts.join(""));
const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

test("lines are the same however the text is cut into pieces", async () => {
  await fc.assert(fc.asyncProperty(texts, pieces, async (text, lengths) => {
    const lines = await linesOf(text, lengths, 1000);
    const expected = text.split("\n");
    if (expected.at(-1) === "") expected.pop();
    assert.deepEqual(lines.map(({ content }) => content.toString()), expected);
    assert.ok(lines.slice(0, -1).every(({ ended }) => ended));
    assert.equal(lines.at(-1)?.ended ?? true, text === "" || text.endsWith("\n"));
  }));
});

test("every line tells where it begins, parts of a long one too", async () => {
  await fc.assert(fc.asyncProperty(texts, pieces, async (text, lengths) => {
    const bytes = Buffer.from(text);
    for (const { offset, content, ended } of await linesOf(text, lengths, 3)) {
      const end = offset + content.length;
      assert.deepEqual(bytes.subarray(offset, end), content);
      if (ended) assert.equal(bytes[end], 0x0a);
    }
  }));
});

test("a line without end comes in parts that are not ended", async () => {
  const lines = await linesOf("x".repeat(100), [10], 25);
  assert.deepEqual(lines.map(({ content }) => content.length), [30, 30, 30, 10]);
  assert.ok(lines.every(({ ended }) => !ended));
});
