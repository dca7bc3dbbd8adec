import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Packr } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";
import { decodeMsgpack } from "../../src/archive/msgpack_decoder.ts";
import { MsgpackEncoder } from "../../src/archive/msgpack_encoder.ts";

/** Values that the other library keeps as well: it has no sign of zero, no `__proto__`. */
const value = fc.jsonValue({ maxDepth: 4 }).filter((candidate) =>
  !/__proto__|-0\b/.test(JSON.stringify(candidate, (_, part) => Object.is(part, -0) ? "-0" : part))
);
const other = { useRecords: false, variableMapSize: true, int64AsType: "number" } as const;

test("another MessagePack library reads what we write", () => {
  fc.assert(
    fc.property(value, (written) => {
      const bytes = new MsgpackEncoder().value(written).take();
      assert.deepEqual(new Unpackr(other).unpack(bytes), written);
    }),
    { examples: [[[{ "": -1114617107223077 }]]] },
  );
});

test("we read what another MessagePack library writes", () => {
  fc.assert(fc.property(value, (written) => {
    assert.deepEqual(decodeMsgpack(new Packr(other).pack(written)), written);
  }));
});
