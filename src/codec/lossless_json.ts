/**
 * JSON as Python's `json` writes it, without loss: bare NaN, Infinity and -Infinity are numbers,
 * integers beyond ±(2^53 - 1) are bigint, and -0 stays -0.
 */

import { numberOf } from "./number_token.ts";

/** A JSON value; see the module's description. */
export type LosslessValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly LosslessValue[]
  | LosslessObject;

/** A JSON object; `__proto__` is an ordinary key. */
export interface LosslessObject {
  readonly [key: string]: LosslessValue;
}

/** The text is not JSON, or nested deeper than 1000 levels. */
export class MalformedJson extends Error {
  override name = "MalformedJson";
}

/** Arrays and objects may be nested this deep. */
const deepest = 1000;

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** An integer that may be beyond 2^53, not the fraction or exponent of another number. */
const longInteger = /(?:^|[^.\d])\d{16,}(?:[^.\deE]|$)/;

/**
 * Reads a JSON text.
 * @throws {MalformedJson} when it is none; never anything else, however deep the text nests.
 */
export function parseLosslessJson(text: string): LosslessValue {
  if (text.length > deepest && nestsTooDeep(text)) {
    throw new MalformedJson(`JSON nested deeper than ${deepest} levels`);
  }
  if (longInteger.test(text)) return new Parser(text).document();
  try {
    return JSON.parse(text) as LosslessValue;
  } catch {
    return new Parser(text).document();
  }
}

function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      at = stringEnd(text, at);
      if (at < 0) return false;
    } else if (unit === openBracket || unit === openBrace) {
      if (++depth > deepest) return true;
    } else if (unit === closeBracket || unit === closeBrace) depth--;
  }
  return false;
}

/** Offset of the quote that ends the string beginning at `start`; -1 when there is none. */
function stringEnd(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at >= 0) {
    let before = at - 1;
    while (text.charCodeAt(before) === backslash) before--;
    if ((at - before) % 2 === 1) return at;
    at = text.indexOf('"', at + 1);
  }
  return -1;
}

const whitespace = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** What a string cannot hold unless it is decoded: escapes, or control characters that are errors. */
// deno-lint-ignore no-control-regex
const notAsItIs = /[\\\u0000-\u001f]/;

const words: readonly (readonly [string, LosslessValue])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
];

/** Reads what JSON.parse does not. Expects a text that does not nest too deep. */
class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): LosslessValue {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#error();
    return value;
  }

  #value(): LosslessValue {
    this.#space();
    switch (this.#text[this.#at]) {
      case "[":
        return this.#array();
      case "{":
        return this.#object();
      case '"':
        return this.#string();
      default:
        return this.#wordOrNumber();
    }
  }

  #array(): LosslessValue[] {
    const values: LosslessValue[] = [];
    this.#at++;
    if (this.#next("]")) return values;
    do values.push(this.#value()); while (this.#next(","));
    this.#expect("]");
    return values;
  }

  #object(): LosslessObject {
    const entries: { [key: string]: LosslessValue } = {};
    this.#at++;
    if (this.#next("}")) return entries;
    do {
      this.#space();
      const key = this.#string();
      this.#expect(":");
      setOwn(entries, key, this.#value());
    } while (this.#next(","));
    this.#expect("}");
    return entries;
  }

  #string(): string {
    const start = this.#at;
    const end = this.#text[start] === '"' ? stringEnd(this.#text, start) : -1;
    if (end < 0) throw this.#error();
    const content = this.#text.slice(start + 1, end);
    this.#at = end + 1;
    if (!notAsItIs.test(content)) return content;
    try {
      return JSON.parse(`"${content}"`) as string;
    } catch (cause) {
      throw new MalformedJson(`JSON has a malformed string at ${start}`, { cause });
    }
  }

  #wordOrNumber(): LosslessValue {
    for (const [word, value] of words) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    const token = this.#match(number);
    const value = token === undefined ? undefined : numberOf(token);
    if (value === undefined) throw this.#error();
    return value;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return undefined;
    const start = this.#at;
    this.#at = pattern.lastIndex;
    return this.#text.slice(start, this.#at);
  }

  #space(): void {
    whitespace.lastIndex = this.#at;
    whitespace.test(this.#text);
    this.#at = whitespace.lastIndex;
  }

  /** Passes over `mark` if it comes next. */
  #next(mark: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#next(mark)) throw this.#error();
  }

  #error(): MalformedJson {
    const found = this.#text[this.#at];
    return new MalformedJson(
      found === undefined
        ? "JSON ends early"
        : `JSON has an unexpected ${JSON.stringify(found)} at ${this.#at}`,
    );
  }
}

function setOwn(
  target: { [key: string]: LosslessValue },
  key: string,
  value: LosslessValue,
): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else target[key] = value;
}

/**
 * Writes a value as JSON: NaN and the infinities as the strings "NaN", "Infinity", "-Infinity",
 * bigint as bare digits, lone surrogates escaped, whole doubles beyond 2^53 with ".0" so that they do
 * not come back as bigint. Properties that are undefined are left out.
 */
export function writeLosslessJson(value: unknown): string {
  return isPlain(value) ? JSON.stringify(value) : writeValue(value);
}

/** Whether JSON.stringify loses nothing. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return isPlainNumber(value);
    case "object":
      if (value === null) return true;
      return Array.isArray(value) ? value.every(isPlain) : hasPlainValues(value);
    default:
      return false;
  }
}

/** Whether a double is written as JSON.stringify does, and not as an integer beyond 2^53. */
function isPlainNumber(value: number): boolean {
  if (value === 0) return 1 / value > 0;
  const size = Math.abs(value);
  return size <= Number.MAX_SAFE_INTEGER || (size >= 1e21 && size < Infinity);
}

function hasPlainValues(object: object): boolean {
  const values: { readonly [key: string]: unknown } = { ...object };
  for (const key in values) {
    if (values[key] !== undefined && !isPlain(values[key])) return false;
  }
  return true;
}

function writeValue(value: unknown): string {
  switch (typeof value) {
    case "number":
      return writeNumber(value);
    case "bigint":
      return value.toString();
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? `[${value.map(writeValue).join(",")}]` : writeObject(value);
    default:
      return JSON.stringify(value) ?? "null";
  }
}

function writeNumber(value: number): string {
  if (isPlainNumber(value)) return String(value);
  if (!Number.isFinite(value)) return `"${value}"`;
  return value === 0 ? "-0" : `${value}.0`;
}

function writeObject(object: object): string {
  const properties = Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${writeValue(value)}`);
  return `{${properties.join(",")}}`;
}
