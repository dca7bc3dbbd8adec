import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readLog, writeLog, type WrittenLog } from "../unit/codec/log_writer.ts";

/** Payload lengths that matter: short ones, and those that end near a block's end. */
const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: 32600, max: 32800 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 140_000 }) },
);

const payloads = fc.array(
  fc.tuple(length, fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  { minLength: 1, maxLength: 12 },
).map((shapes) => shapes.map(([bytes, seed]) => noise(bytes, seed)));

const base = fc.constantFrom<0 | 7>(0, 7);

/** Bytes that look random and are not. */
function noise(bytes: number, seed: number): Buffer {
  const content = Buffer.alloc(bytes);
  let state = seed | 1;
  for (let at = 0; at < bytes; at++) {
    state = Math.imul(state, 0x9e3779b1) ^ (state >>> 15);
    content[at] = state >>> 8;
  }
  return content;
}

function same(got: readonly { payload: Buffer }[], wanted: readonly Buffer[]): void {
  assert.equal(got.length, wanted.length);
  got.forEach(({ payload }, index) =>
    assert.ok(payload.equals(wanted[index] ?? Buffer.of(0)), `record ${index}`)
  );
}

function starts(log: WrittenLog): number[] {
  return log.spans.map((spans) => spans[0]?.[0] ?? -1);
}

function endOf(log: WrittenLog, index: number): number {
  return log.spans[index]?.at(-1)?.[1] ?? 7;
}

describe("record logs", () => {
  it("give back every record at its offset, whatever the alignment and the pieces of reading", async () => {
    await fc.assert(
      fc.asyncProperty(
        payloads,
        base,
        fc.integer({ min: 1000, max: 2 ** 21 }),
        async (records, at, piece) => {
          const log = writeLog(records, at);
          const read = await readLog(log.bytes, {}, piece);
          same(read.records, records);
          assert.deepEqual(read.records.map(({ offset }) => offset), starts(log));
          assert.deepEqual([read.gaps, read.tail], [[], undefined]);
          assert.equal(read.bytesRead, log.bytes.length - 7);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("cut anywhere give the records before the cut, and the rest as the tail", async () => {
    await fc.assert(
      fc.asyncProperty(
        payloads,
        base,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (records, at, part) => {
          const log = writeLog(records, at);
          const cut = 7 + Math.floor(part * (log.bytes.length - 7));
          await assertPrefix(log, records, cut);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("cut at every byte of a log with block ends give prefixes", async () => {
    for (const at of [0, 7] as const) {
      const records = [32700, 20, 3, 0, 15, 32747, 5, 9].map((bytes, seed) =>
        noise(bytes, seed + 5)
      );
      const log = writeLog(records, at);
      for (let cut = 7; cut <= log.bytes.length; cut += nearEdge(log, cut) ? 1 : 997) {
        await assertPrefix(log, records, cut);
      }
    }
  });

  it("with one byte changed lose only the record that it belongs to, and invent none", async () => {
    const damage = fc.tuple(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 1, max: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(payloads, base, damage, async (records, at, [part, flip]) => {
        const log = writeLog(records, at);
        const position = 7 + Math.floor(part * (log.bytes.length - 7));
        await assertOneByte(log, records, position, flip);
      }),
      { numRuns: 150 },
    );
  });

  it("with any byte of a small log changed to anything lose only the record that it belongs to", async () => {
    const records = [0, 25, 25, 25, 25, 3, 57, 25].map((bytes, seed) => noise(bytes, seed + 9));
    const log = writeLog(records, 0);
    for (let position = 7; position < log.bytes.length; position++) {
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        await assertOneByte(log, records, position, flip);
      }
    }
  });

  it("are read to the end, with every byte accounted for, whatever the bytes are", async () => {
    const rubbish = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(
          ...[0, 1, 2, 3, 4].map((kind) => writeLog([noise(kind * 9, 7)], 0).bytes.subarray(7)),
        ),
        fc.constant(writeLog([noise(70_000, 3)], 0).bytes.subarray(7, 32768)),
        fc.constant(new Uint8Array(4096)),
      ),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(rubbish, fc.boolean(), async (parts, interposed) => {
        const bytes = Buffer.concat(parts);
        const read = await readLog(bytes, { start: 0, interposed });
        const lost = [...read.gaps, ...(read.tail === undefined ? [] : [read.tail])];
        const covered = lost.reduce((sum, gap) => sum + gap.bytes, 0);
        const payload = read.records.reduce((sum, record) => sum + 7 + record.payload.length, 0);
        assert.ok(covered + payload <= bytes.length);
        for (const gap of read.gaps) {
          assert.ok(gap.bytes > 0 && gap.offset + gap.bytes <= bytes.length);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function nearEdge(log: WrittenLog, cut: number): boolean {
  return log.spans.flat().flat().some((edge) => Math.abs(edge - cut) < 12);
}

async function assertPrefix(
  log: WrittenLog,
  records: readonly Buffer[],
  cut: number,
): Promise<void> {
  const read = await readLog(log.bytes.subarray(0, cut));
  const whole = records.filter((_, index) => endOf(log, index) <= cut);
  same(read.records, whole);
  assert.deepEqual(read.gaps, []);
  const next = log.spans[whole.length]?.[0]?.[0];
  if (read.tail !== undefined) {
    assert.equal(read.tail.offset + read.tail.bytes, cut);
    assert.ok(read.tail.offset >= endOf(log, whole.length - 1));
  }
  if (next !== undefined && next < cut) assert.equal(read.tail?.offset, next);
}

async function assertOneByte(
  log: WrittenLog,
  records: readonly Buffer[],
  position: number,
  flip: number,
): Promise<void> {
  const bytes = Buffer.from(log.bytes);
  bytes[position] = (bytes[position] ?? 0) ^ flip;
  const touched = log.spans.findIndex((spans) =>
    spans.some(([from, to]) => from <= position && position < to)
  );
  const read = await readLog(bytes);
  same(read.records, records.filter((_, index) => index !== touched));
  const lost = [...read.gaps, ...(read.tail === undefined ? [] : [read.tail])];
  assert.equal(lost.length, 1);
}
