import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { RecordLog } from "../../../src/codec/record_log.ts";
import { chunkOf, kinds, readLog, writeLog } from "./log_writer.ts";

const header = Buffer.from(":SWL\xd6\xe1\x02", "latin1");
const magic = header.subarray(0, 6);

function texts(read: { readonly records: readonly { readonly payload: Buffer }[] }): string[] {
  return read.records.map(({ payload }) => payload.toString());
}

const full = (text: string): Buffer => chunkOf(kinds.full, Buffer.from(text));
const first = (text: string): Buffer => chunkOf(kinds.first, Buffer.from(text));
const middle = (text: string): Buffer => chunkOf(kinds.middle, Buffer.from(text));
const last = (text: string): Buffer => chunkOf(kinds.last, Buffer.from(text));
const log = (...parts: Buffer[]): Buffer => Buffer.concat([header, ...parts]);

describe("RecordLog", () => {
  it("reads the checksums that the trackers write", async () => {
    const known = Buffer.from("9d23ac8a05000168656c6c6f", "hex");
    assert.deepEqual(texts(await readLog(log(known))), ["hello"]);
    assert.deepEqual(full("hello"), known);
  });

  const whole: readonly (readonly [string, Buffer])[] = [
    ["a file of 0 bytes", Buffer.alloc(0)],
    ["a part of the file header", header.subarray(0, 4)],
    ["nothing but the file header", header],
  ];
  for (const [name, bytes] of whole) {
    it(`finds no records and no damage in ${name}`, async () => {
      assert.deepEqual(await readLog(bytes), {
        records: [],
        gaps: [],
        tail: undefined,
        bytesRead: 0,
      });
    });
  }

  const tails: readonly (readonly [string, Buffer, string])[] = [
    ["zero bytes", Buffer.alloc(5000), "zero bytes"],
    ["a part of a chunk header", full("lost").subarray(0, 5), "the last record is cut short"],
    ["a chunk without its payload", full("lost").subarray(0, 7), "the last record is cut short"],
    ["a FIRST without a LAST", first("lost"), "the last record is cut short"],
    [
      "a FIRST and a cut MIDDLE",
      Buffer.concat([first("lost"), middle("x").subarray(0, 7)]),
      "the last record is cut short",
    ],
    ["a LAST without a FIRST", last("lost"), "a record without its beginning"],
    ["garbage", Buffer.alloc(300, 0xa5), "no valid record here"],
  ];
  for (const [name, bytes, reason] of tails) {
    it(`calls ${name} at the end a tail`, async () => {
      const read = await readLog(log(full("kept"), bytes));
      assert.deepEqual(texts(read), ["kept"]);
      assert.deepEqual(read.gaps, []);
      assert.deepEqual(read.tail, { offset: 18, bytes: bytes.length, reason });
    });
  }

  const gaps: readonly (readonly [string, Buffer, string])[] = [
    ["garbage", Buffer.alloc(300, 0xa5), "no valid record here"],
    ["zero bytes", Buffer.alloc(4096), "no valid record here"],
    ["a chunk of type 0", chunkOf(0, Buffer.from("x")), "no valid record here"],
    ["a chunk of type 5", chunkOf(5, Buffer.from("x")), "no valid record here"],
    ["a LAST without a FIRST", last("x"), "a record without its beginning"],
    ["a MIDDLE without a FIRST", middle("x"), "a record without its beginning"],
    ["a FIRST without a LAST", first("x"), "a record without its end"],
    [
      "a FIRST whose MIDDLE is damaged",
      Buffer.concat([first("x"), Buffer.alloc(9), last("x")]),
      "a record without its end",
    ],
  ];
  for (const [name, bytes, reason] of gaps) {
    it(`goes on behind ${name} and calls it one gap`, async () => {
      const read = await readLog(log(full("before"), bytes, full("after")));
      assert.deepEqual(texts(read), ["before", "after"]);
      assert.deepEqual(read.gaps, [{ type: "gap", offset: 20, bytes: bytes.length, reason }]);
      assert.equal(read.tail, undefined);
    });
  }

  it("delivers empty records", async () => {
    const read = await readLog(log(full(""), full("a"), full("")));
    assert.deepEqual(texts(read), ["", "a", ""]);
  });

  it("takes a second file header in the middle for damage unless told its bytes", async () => {
    const bytes = log(full("a"), header, full("b"));
    assert.equal((await readLog(bytes)).gaps.length, 1);
    const read = await readLog(bytes, { header: magic });
    assert.deepEqual(texts(read), ["a", "b"]);
    assert.deepEqual([read.gaps, read.tail], [[], undefined]);
  });

  it("delivers a repeated head again", async () => {
    const read = await readLog(log(full("a"), header, full("a"), full("b")), { header: magic });
    assert.deepEqual(texts(read), ["a", "a", "b"]);
  });

  it("keeps a pending record over interposed ones only when writers have no lock", async () => {
    const bytes = log(first("a"), full("between"), last("b"), full("end"));
    const unlocked = await readLog(bytes, { interposed: true });
    assert.deepEqual(texts(unlocked), ["between", "ab", "end"]);
    assert.deepEqual(
      unlocked.records.map(({ offset }) => offset),
      [15, 7, 37],
    );
    const locked = await readLog(bytes);
    assert.deepEqual(texts(locked), ["between", "end"]);
    assert.deepEqual(locked.gaps.map(({ offset, bytes }) => [offset, bytes]), [[7, 8], [29, 8]]);
  });

  it("asks whether a mixed payload decodes, and drops it when not", async () => {
    const bytes = log(first("a"), first("b"), last("1"), last("2"), full("end"));
    const asked: string[] = [];
    const read = await readLog(bytes, {
      interposed: true,
      accept: (payload) => asked.push(payload.toString()) === 0,
    });
    assert.deepEqual(asked, ["b1"]);
    assert.deepEqual(texts(read), ["end"]);
    assert.deepEqual(read.gaps.map(({ offset, bytes }) => [offset, bytes]), [[7, 32]]);
  });

  it("asks about a payload that was joined over an interposed record", async () => {
    const bytes = log(first("a"), full("between"), last("b"), full("end"));
    const asked: string[] = [];
    const read = await readLog(bytes, {
      interposed: true,
      accept: (payload) => asked.push(payload.toString()) === 0,
    });
    assert.deepEqual([asked, texts(read)], [["ab"], ["between", "end"]]);
  });

  it("takes no chunk longer than a block", async () => {
    const read = await readLog(log(chunkOf(kinds.full, Buffer.alloc(32762)), full("end")));
    assert.deepEqual(texts(read), ["end"]);
    const longest = await readLog(log(chunkOf(kinds.full, Buffer.alloc(32761)), full("end")));
    assert.equal(longest.records.length, 2);
  });

  for (const base of [0, 7] as const) {
    it(`takes a file that ends within or behind padding for whole, blocks counted from ${base}`, async () => {
      const { bytes, spans } = writeLog([Buffer.alloc(32750 + base), Buffer.from("next")], base);
      assert.equal(spans[1]?.[0]?.[0], 32768 + base);
      const read = await readLog(bytes.subarray(0, 32768 + base));
      assert.deepEqual([read.records.length, read.gaps, read.tail], [1, [], undefined]);
      const cut = await readLog(bytes.subarray(0, 32766 + base));
      assert.deepEqual(cut.tail, { offset: 32764 + base, bytes: 2, reason: "zero bytes" });
    });
  }

  it("reads a log of several windows record by record, around the damage in each", async () => {
    const payloads = Array.from({ length: 6000 }, (_, at) => Buffer.alloc(990 + at % 37, at));
    const written = writeLog(payloads, 0);
    const damaged = [5, 1040, 1041, 1042, 2100, 3300, 3301, 5990];
    for (const index of damaged) {
      const [from = 0] = written.spans[index]?.[0] ?? [];
      written.bytes.writeUInt32LE(0, from);
    }
    // Shifted by garbage, blocks do not end where windows do.
    const garbage = Buffer.alloc(500, 0xa5);
    const read = await readLog(
      Buffer.concat([header, garbage, written.bytes.subarray(header.length)]),
    );
    const kept = payloads.map((_, index) => index).filter((index) => !damaged.includes(index));
    assert.deepEqual(
      read.records.map(({ offset, payload }) => [offset, payload.length, payload[0]]),
      kept.map((index) => [
        (written.spans[index]?.[0]?.[0] ?? 0) + garbage.length,
        990 + index % 37,
        index % 256,
      ]),
    );
    assert.equal(read.gaps.length, 6);
  });

  it("does not ask about records in one piece", async () => {
    const asked: string[] = [];
    const read = await readLog(log(first("a"), middle("b"), last("c"), full("d")), {
      interposed: true,
      accept: (payload) => asked.push(payload.toString()) === 0,
    });
    assert.deepEqual([texts(read), asked], [["abc", "d"], []]);
  });

  it("drops a pending record after damage, although its LAST would fit", async () => {
    const read = await readLog(log(first("a"), Buffer.alloc(40, 9), last("b"), full("end")), {
      interposed: true,
    });
    assert.deepEqual(texts(read), ["end"]);
    assert.equal(read.gaps.length, 1);
  });

  it("joins a record that is larger than the window", async () => {
    const large = Buffer.alloc(5_000_000, "0123456789");
    const read = await readLog(writeLog([Buffer.from("a"), large, Buffer.from("b")], 7).bytes);
    assert.ok(read.records[1]?.payload.equals(large));
    assert.equal(read.records.length, 3);
  });

  it("gives up a record that is torn into thousands of pieces", async () => {
    const torn = Buffer.concat(
      Array.from({ length: 20_000 }, () => Buffer.concat([full("x"), middle("y")])),
    );
    const read = await readLog(log(first("a"), torn, last("z"), full("end")), { interposed: true });
    assert.equal(read.records.length, 20_001);
    assert.ok(read.gaps.length > 10_000);
  });

  it("starts where it is told to", async () => {
    const bytes = log(full("a"), full("b"));
    assert.deepEqual(texts(await readLog(bytes, { start: 15 })), ["b"]);
    assert.deepEqual(texts(await readLog(bytes.subarray(7), { start: 0 })), ["a", "b"]);
  });

  it("reads what is there of a file that shrinks while it is read", async () => {
    const { bytes } = writeLog(Array.from({ length: 4000 }, () => Buffer.alloc(1000, 1)), 0);
    let calls = 0;
    const shrinking = new RecordLog({
      read(into, position): Promise<number> {
        const end = ++calls > 1 ? 1_500_000 : bytes.length;
        const piece = bytes.subarray(position, Math.min(end, position + into.length));
        into.set(piece);
        return Promise.resolve(piece.length);
      },
    });
    let records = 0;
    for await (const items of shrinking.items()) {
      records += items.filter(({ type }) => type === "record").length;
    }
    assert.equal(records, Math.floor((1_500_000 - 7) / 1007.2));
    assert.equal(shrinking.tail?.reason, "the last record is cut short");
    assert.equal((shrinking.tail?.offset ?? 0) + (shrinking.tail?.bytes ?? 0), 1_500_000);
  });

  it("passes on what the source throws", async () => {
    const failing = new RecordLog({ read: () => Promise.reject(new Error("disk")) });
    await assert.rejects(failing.items().next(), /disk/);
  });

  it("knows padding from a checksum that begins with zero bytes", async () => {
    const beginsWithZero = Array.from({ length: 10_000 }, (_, at) => `record ${at}`)
      .find((text) => full(text)[0] === 0) ?? "";
    assert.notEqual(beginsWithZero, "");
    for (const padding of [1, 2, 3, 4, 5, 6]) {
      const filling = Buffer.alloc(32768 - 7 - 7 - padding, 0x41);
      const { bytes } = writeLog([filling, Buffer.from(beginsWithZero)], 0);
      const read = await readLog(bytes);
      assert.deepEqual(texts(read).slice(1), [beginsWithZero]);
      assert.deepEqual([read.gaps, read.tail], [[], undefined]);
    }
  });
});
