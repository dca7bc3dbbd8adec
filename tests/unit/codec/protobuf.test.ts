import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { MalformedProtobuf, ProtobufReader } from "../../../src/codec/protobuf.ts";

function at(hex: string): ProtobufReader {
  const reader = new ProtobufReader(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  assert.ok(reader.next());
  return reader;
}

describe("ProtobufReader", () => {
  it("reads integers exactly, as bigint beyond 2^53", () => {
    assert.equal(at("08 01").int(), 1);
    assert.equal(at("08 ac 02").int(), 300);
    assert.equal(at("08 ff ff ff ff ff ff ff 0f").int(), Number.MAX_SAFE_INTEGER);
    assert.equal(at("08 80 80 80 80 80 80 80 10").int(), 2n ** 53n);
    assert.equal(at("08 ff ff ff ff ff ff ff ff ff 01").int(), -1);
    assert.equal(at("08 80 80 80 80 80 80 80 80 80 01").int(), -(2n ** 63n));
  });

  it("reads strings as they are, a byte order mark included", () => {
    assert.equal(at("0a 03 61 62 63").string(), "abc");
    assert.equal(at("0a 05 c3 a9 e2 82 ac").string(), "é€");
    assert.equal(at("0a 04 ef bb bf 61").string(), "\ufeffa");
    assert.equal(at("0a 02 61 ff").string(), "a\ufffd");
    assert.equal(at("0a 00").string(), "");
  });

  const malformed: readonly (readonly [string, string, (reader: ProtobufReader) => unknown])[] = [
    ["a length past the end", "0a 05 61", (reader) => reader.string()],
    ["a varint past the end", "08 80", (reader) => reader.int()],
    ["a varint of 11 bytes", "08 80 80 80 80 80 80 80 80 80 80 01", (reader) => reader.int()],
    ["a double past the end", "09 00 00", (reader) => reader.double()],
    ["a number where a text is due", "08 01", (reader) => reader.string()],
    ["a text where a number is due", "0a 00", (reader) => reader.int()],
    ["a group", "0b 0c", (reader) => reader.skip()],
  ];
  for (const [name, hex, read] of malformed) {
    it(`refuses ${name}`, () => {
      assert.throws(() => read(at(hex)), MalformedProtobuf);
    });
  }

  it("refuses field number 0", () => {
    assert.throws(() => new ProtobufReader(Buffer.of(0, 0)).next(), MalformedProtobuf);
  });

  it("does not read a one-byte number behind its window", () => {
    const reader = new ProtobufReader(Buffer.of(8, 1), 0, 1);
    assert.ok(reader.next());
    assert.throws(() => reader.int(), MalformedProtobuf);
  });
});
