import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { RangeChecksum } from "../../../src/codec/range_checksum.ts";

const bytes = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, at) => Math.imul(at, at) >>> 5));
const range = fc.tuple(fc.nat(bytes.length - 1), fc.nat(32768))
  .map(([start, length]) => [start, Math.min(start + length, bytes.length)] as const);

describe("RangeChecksum", () => {
  it("is the CRC-32 of any range it covers, going on from any other", () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), fc.nat(2 ** 32 - 1), (ranges, seed) => {
        const checksums = new RangeChecksum(bytes);
        for (const [start, stop] of ranges) {
          checksums.cover(start, stop, bytes.length);
          assert.ok(checksums.covers(start, stop));
          const wanted = crc32(bytes.subarray(start, stop), seed);
          assert.equal(checksums.checksum(seed, start, stop), wanted);
        }
      }),
    );
  });

  it("covers nothing after its bytes have changed", () => {
    const content = Buffer.alloc(100);
    const checksums = new RangeChecksum(content);
    checksums.cover(10, 20, 100);
    assert.ok(checksums.covers(12, 100));
    content.fill(1);
    checksums.forget();
    assert.ok(!checksums.covers(12, 20));
    checksums.cover(12, 20, 100);
    assert.equal(checksums.checksum(0, 12, 20), crc32(content.subarray(12, 20)));
  });

  it("does not look behind the end of the content", () => {
    const checksums = new RangeChecksum(bytes);
    checksums.cover(0, 10, 50);
    assert.ok(checksums.covers(0, 50));
    assert.ok(!checksums.covers(0, 51));
  });
});
