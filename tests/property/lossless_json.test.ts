import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type LosslessValue,
  MalformedJson,
  parseLosslessJson,
  writeLosslessJson,
} from "../../src/codec/lossless_json.ts";
import { parseNumber } from "../../src/codec/number_token.ts";

const wholeString = fc.string({ unit: "binary" });
const integer = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n })
  .map((value) => Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** Every value but NaN and the infinities, which are written as strings. */
const { value: json } = fc.letrec<{ value: LosslessValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false, -0),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -1e22, max: 1e22, noNaN: true }),
    integer,
    wholeString,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.oneof(wholeString, fc.constant("__proto__")), tie("value"), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
}));

describe("lossless JSON", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(json, (value) => {
        assert.deepEqual(parseLosslessJson(writeLosslessJson(value)), value);
      }),
      { numRuns: 500 },
    );
  });

  it("is written as valid UTF-8", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = writeLosslessJson(value);
        assert.equal(Buffer.from(text).toString(), text);
      }),
      { numRuns: 200 },
    );
  });

  it("is what JSON.parse reads, next to a NaN as well as without", () => {
    const plain = fc.json().filter((text) => !/\d{16}/.test(text));
    fc.assert(
      fc.property(plain, (text) => {
        const value = JSON.parse(text);
        assert.deepEqual(parseLosslessJson(text), value);
        assert.deepEqual(parseLosslessJson(`[NaN,${text}]`), [NaN, value]);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses what JSON.parse refuses, and never fails otherwise", () => {
    const unit = fc.constantFrom(...'[]{}",:\\ -+.eE0123456789truefalsnNIiy\n'.split(""));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
        const isJson = parses(text);
        try {
          parseLosslessJson(text);
          assert.ok(isJson || /NaN|Infinity/.test(text), text);
        } catch (error) {
          assert.ok(error instanceof MalformedJson && !isJson, text);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const digits = (most: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: most });

/** Number tokens of every shape, and things that nearly are. */
const token = fc.oneof(
  fc.double().map(String),
  fc.float().map(String),
  fc.double({ min: -1, max: 1 }).map((value) => value.toFixed(18)),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.tuple(digits(20), digits(20)).map(([whole, part]) => `${BigInt(whole)}.${part}`),
  fc.tuple(digits(18), digits(20), fc.integer({ min: -40, max: 40 })).map(
    ([whole, part, exponent]) => `-${BigInt(whole)}.${part}e${exponent}`,
  ),
  fc.tuple(digits(2), digits(2)).map(([whole, part]) => `${whole}.${part}E+0${whole}`),
  // Halfway between two doubles.
  fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }).chain((value) =>
    fc.integer({ min: 0, max: 17 }).map((place) => {
      const text = `${2n * value + 1n}`;
      return `${text.slice(0, place) || "0"}.${text.slice(place) || "0"}`;
    })
  ),
  fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }).map((value) => `${(2n * value + 1n) * 5n}e-1`),
  fc.string({ unit: fc.constantFrom(..."0123456789.eE+-"), maxLength: 12 }),
  fc.constantFrom("NaN", "Infinity", "-Infinity", "-NaN", "", "-", "nan", "1.", ".1", "01", "--1"),
);

function expected(text: string): number | bigint | undefined {
  if (text === "NaN") return NaN;
  if (/^-?Infinity$/.test(text)) return Number(text);
  if (!/^[-0-9]/.test(text) || !parses(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) || /[.eE]/.test(text) ? value : BigInt(text);
}

describe("parseNumber", () => {
  it("is exactly what Number and BigInt read, and only of JSON's numbers", () => {
    fc.assert(
      fc.property(token, (text) => {
        const bytes = Buffer.from(text);
        assert.deepEqual(parseNumber(bytes, 0, bytes.length), expected(text), text);
      }),
      { numRuns: 20_000 },
    );
  });

  it("looks only at the bytes between its offsets", () => {
    fc.assert(
      fc.property(token, digits(9), digits(9), (text, before, behind) => {
        const bytes = Buffer.from(`${before}${text}${behind}`);
        const end = before.length + text.length;
        assert.deepEqual(parseNumber(bytes, before.length, end), expected(text), text);
      }),
      { numRuns: 5000 },
    );
  });

  it("refuses an integer of thousands of digits", () => {
    const bytes = Buffer.from("9".repeat(100_000));
    assert.equal(parseNumber(bytes, 0, bytes.length), undefined);
  });
});
