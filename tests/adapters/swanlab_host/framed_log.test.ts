import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FramedLog } from "../../../adapters/hosts/swanlab/framed_log.ts";
import { inScratch } from "../../contract/scratch.ts";

async function contents(path: string): Promise<readonly string[]> {
  const seen: string[] = [];
  const log = await FramedLog.open(path, ({ payload }) => void seen.push(payload.toString()));
  await log.close();
  return seen;
}

test("frames appended at once are stored in the order of the calls", () =>
  inScratch(async (folder) => {
    const path = join(folder, "log");
    const log = await FramedLog.open(path, () => assert.fail("it is new"));
    const texts = Array.from({ length: 100 }, (_, at) => `frame ${at} ${"x".repeat(at * 997)}`);
    const order: number[] = [];
    const starts = await Promise.all(texts.map(async (text, at) => {
      const start = await log.append(Buffer.from(text));
      order.push(at);
      return start;
    }));
    assert.deepEqual(order, texts.map((_, at) => at));
    const read = await Array.fromAsync(log.read(), ({ payload }) => payload.toString());
    assert.deepEqual(read, texts);
    const from = starts[40];
    const to = starts[60]?.offset;
    const part = await Array.fromAsync(log.read(from, to), ({ payload }) => payload.toString());
    assert.deepEqual(part, texts.slice(40, 60));
    await log.close();
    assert.deepEqual(await contents(path), texts);
  }));

test("frames of an earlier writing that was cut short are not taken for new ones", () =>
  inScratch(async (folder) => {
    const path = join(folder, "log");
    const first = await FramedLog.open(path, () => {});
    for (const text of ["aaaa", "bbbb", "cccc"]) await first.append(Buffer.from(text));
    await first.close();
    const whole = readFileSync(path);
    const frame = whole.length / 3;
    // As if the second and third never got their first byte to disk, but all others.
    const torn = Buffer.from(whole);
    torn[frame] = 0;
    writeFileSync(path, torn);
    const second = await FramedLog.open(path, () => {});
    await second.append(Buffer.from("BBBB"));
    await second.close();
    assert.deepEqual(await contents(path), ["aaaa", "BBBB"]);
  }));

test("damage in what was whole before is told, not passed over", () =>
  inScratch(async (folder) => {
    const path = join(folder, "log");
    const log = await FramedLog.open(path, () => {});
    for (const text of ["one", "two", "three"]) await log.append(Buffer.from(text));
    const bytes = readFileSync(path);
    bytes[bytes.length - 12] = 0x7f;
    writeFileSync(path, bytes);
    await assert.rejects(Array.fromAsync(log.read()), /damaged at byte/);
    await log.close();
  }));
