import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createTime } from "../../../adapters/destinations/swanlab/create_time.ts";

describe("a time for the API", () => {
  it("has always six digits of fraction and Z", () => {
    const table: readonly (readonly [number, string])[] = [
      [0, "1970-01-01T00:00:00.000000Z"],
      [1_778_051_289_123.456, "2026-05-06T07:08:09.123456Z"],
      [1_778_051_289_000, "2026-05-06T07:08:09.000000Z"],
      [1_778_051_289_999.999, "2026-05-06T07:08:09.999999Z"],
      [1_778_051_289_999.9996, "2026-05-06T07:08:10.000000Z"],
      [-0.001, "1969-12-31T23:59:59.999999Z"],
      [-1000, "1969-12-31T23:59:59.000000Z"],
    ];
    for (const [time, text] of table) assert.equal(createTime(time), text);
  });

  it("keeps every microsecond of a time, in whatever order times come", () => {
    const micros = fc.integer({ min: 0, max: 4_000_000_000_000_000 });
    fc.assert(fc.property(fc.array(micros, { minLength: 1, maxLength: 5 }), (times) => {
      for (const time of times) {
        const text = createTime(time / 1000);
        assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
        const milliseconds = Date.parse(`${text.slice(0, 23)}Z`);
        assert.equal(milliseconds * 1000 + Number(text.slice(23, 26)), time);
      }
    }));
  });
});
