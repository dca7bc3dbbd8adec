import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeChunk } from "../../src/archive/chunk_decoder.ts";
import { ChunkEncoder } from "../../src/archive/chunk_encoder.ts";
import { fromExactJson, toExactJson } from "../../src/archive/exact_json.ts";
import { decodeMsgpack, MalformedMsgpack } from "../../src/archive/msgpack_decoder.ts";
import { MsgpackEncoder } from "../../src/archive/msgpack_encoder.ts";
import type { Json } from "../../src/model/json.ts";
import { TallyBuilder } from "../../src/model/tally_builder.ts";
import { events, json } from "./archive_event.ts";

test("any value comes out of MessagePack as it went in", () => {
  fc.assert(fc.property(json, (value) => {
    assert.deepEqual(decodeMsgpack(new MsgpackEncoder().value(value).take()), value);
  }));
});

test("any value comes out of exact JSON as it went in", () => {
  fc.assert(fc.property(json, (value) => {
    const text = JSON.stringify(toExactJson(value));
    assert.deepEqual(fromExactJson(JSON.parse(text) as Json), value);
  }));
});

test("any bytes are a value or malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodeMsgpack(bytes);
      } catch (error) {
        assert.ok(error instanceof MalformedMsgpack);
      }
    }),
    { numRuns: 2000 },
  );
});

test("any events come out of a chunk as they went in, in order", () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 60 }), (list, size) => {
      const encoder = new ChunkEncoder();
      const back = [];
      for (const event of list) {
        encoder.add(event);
        if (encoder.count === size) back.push(...decodeChunk(encoder.take()));
      }
      back.push(...decodeChunk(encoder.take()));
      assert.deepEqual(back, list);
      const [one, two] = [new TallyBuilder(), new TallyBuilder()];
      for (const event of list) one.add(event);
      for (const event of back) two.add(event);
      assert.deepEqual(two.result(), one.result());
    }),
    { numRuns: 300 },
  );
});

test("a chunk with any byte changed is events or malformed", () => {
  fc.assert(
    fc.property(events, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, at, change) => {
      const encoder = new ChunkEncoder();
      for (const event of list) encoder.add(event);
      const bytes = Uint8Array.from(encoder.take());
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ change;
      try {
        const builder = new TallyBuilder();
        for (const event of decodeChunk(bytes)) builder.add(event);
      } catch (error) {
        assert.ok(error instanceof MalformedMsgpack, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
