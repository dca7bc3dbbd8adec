import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MalformedProtobuf, ProtobufReader, wire } from "../../src/codec/protobuf.ts";

type Field =
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "message"; readonly value: readonly Numbered[] };
type Numbered = readonly [number, Field];

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

function sized(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([tag(number, wire.bytes), varint(BigInt(content.length)), content]);
}

function tag(number: number, type: number): Buffer {
  return varint(BigInt(number * 8 + type));
}

function encode(fields: readonly Numbered[]): Buffer {
  return Buffer.concat(fields.map(([number, field]) => {
    const fixed = Buffer.alloc(field.kind === "float" ? 4 : 8);
    switch (field.kind) {
      case "int":
        return Buffer.concat([tag(number, wire.varint), varint(field.value)]);
      case "double":
        fixed.writeDoubleLE(field.value);
        return Buffer.concat([tag(number, wire.fixed64), fixed]);
      case "float":
        fixed.writeFloatLE(field.value);
        return Buffer.concat([tag(number, wire.fixed32), fixed]);
      case "text":
        return sized(number, Buffer.from(field.value));
      case "message":
        return sized(number, encode(field.value));
    }
  }));
}

/** Reads fields of the same shape as the expected ones. */
function decode(reader: ProtobufReader, shape: readonly Numbered[]): Numbered[] {
  return shape.map(([, field]): Numbered => {
    assert.ok(reader.next());
    const { field: number } = reader;
    switch (field.kind) {
      case "int":
        return [number, { kind: "int", value: BigInt(reader.int()) }];
      case "double":
        return [number, { kind: "double", value: reader.double() }];
      case "float":
        return [number, { kind: "float", value: reader.float() }];
      case "text":
        return [number, { kind: "text", value: reader.string() }];
      case "message":
        return [number, { kind: "message", value: decode(reader.message(), field.value) }];
    }
  });
}

const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
const { fields } = fc.letrec<{ fields: Numbered[]; field: Field }>((tie) => ({
  field: fc.oneof(
    { depthSize: "small" },
    fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: -300n, max: 300n }),
      fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    ).map((value): Field => ({ kind: "int", value })),
    fc.double().map((value): Field => ({ kind: "double", value })),
    fc.float().map((value): Field => ({ kind: "float", value })),
    fc.string({ unit: "grapheme" }).map((value): Field => ({ kind: "text", value })),
    tie("fields").map((value): Field => ({ kind: "message", value })),
  ),
  fields: fc.array(fc.tuple(number, tie("field")), { maxLength: 6 }),
}));

describe("protobuf", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(fields, (message) => {
        const reader = new ProtobufReader(encode(message));
        assert.deepEqual(decode(reader, message), message);
        assert.equal(reader.next(), false);
      }),
      { numRuns: 500 },
    );
  });

  it("is passed over field by field without being understood", () => {
    fc.assert(
      fc.property(fields, (message) => {
        const reader = new ProtobufReader(encode(message));
        const numbers: number[] = [];
        while (reader.next()) {
          numbers.push(reader.field);
          reader.skip();
        }
        assert.deepEqual(numbers, message.map(([own]) => own));
      }),
      { numRuns: 500 },
    );
  });

  it("of any bytes ends or is malformed, and never reads past its window", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(20), (bytes, behind) => {
        const end = Math.max(0, bytes.length - behind);
        const reader = new ProtobufReader(bytes, 0, end);
        try {
          while (reader.next()) reader.skip();
          assert.equal(reader.position, end);
        } catch (error) {
          assert.ok(error instanceof MalformedProtobuf, `${error}`);
          assert.ok(reader.position <= end);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("cut anywhere is malformed or a shorter message", () => {
    fc.assert(
      fc.property(fields, fc.nat(), (message, cut) => {
        const bytes = encode(message);
        const reader = new ProtobufReader(bytes, 0, cut % (bytes.length + 1));
        let whole = 0;
        try {
          while (reader.next()) {
            reader.skip();
            whole++;
          }
        } catch (error) {
          assert.ok(error instanceof MalformedProtobuf);
        }
        assert.ok(whole <= message.length);
      }),
      { numRuns: 500 },
    );
  });
});
