import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { LosslessValue } from "./lossless_json.ts";

/** Values are nested at most this deep; deeper ones become null. */
const deepest = 200;
/** Values at most, however often aliases repeat them; what is beyond becomes null. */
const mostValues = 1_000_000;

/** What PyYAML takes for a number when it is not quoted; it differs from YAML 1.2's core schema. */
const patterns = {
  none: /^(?:~|null|Null|NULL|)$/,
  yes: /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/,
  no: /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/,
  decimal: /^[-+]?(?:0|[1-9][0-9_]*)$/,
  radix: /^([-+]?)0([bx]?)([0-9a-fA-F_]+)$/,
  float:
    /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/,
  infinite: /^([-+]?)\.(?:inf|Inf|INF)$/,
  nan: /^\.(?:nan|NaN|NAN)$/,
} as const;

const digits: { readonly [mark: string]: RegExp } = {
  b: /^[01]+$/,
  x: /^[0-9a-fA-F]+$/,
  "": /^[0-7]+$/,
};

/** A YAML text, and whether it was read to its end. */
export interface PythonYaml {
  readonly value: LosslessValue;
  readonly complete: boolean;
}

/** Brackets open at once at most; the parser takes a kilobyte and more for each. */
const mostOpen = 1000;

/** Whether more brackets are open at once than in any configuration; those in texts count too. */
function opensTooMuch(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    if (bracket === "]" || bracket === "}") open = Math.max(0, open - 1);
    else if (++open > mostOpen) return true;
  }
  return false;
}

/**
 * Reads YAML as PyYAML writes it, also with its full dumper: tuples are arrays, objects of classes
 * are objects with their fields, and other Python values are their texts. Integers are exact. Never
 * throws: of a text that ends early it gives what there is.
 */
export function parsePythonYaml(text: string): PythonYaml {
  if (opensTooMuch(text)) return { value: null, complete: false };
  const document = parseDocument(text, {
    schema: "failsafe",
    uniqueKeys: false,
    logLevel: "silent",
  });
  let budget = mostValues;

  function convert(node: Node | null | undefined, depth: number): LosslessValue {
    if (node === null || node === undefined) return null;
    if (--budget < 0 || depth > deepest) return null;
    if (isAlias(node)) return convert(node.resolve(document), depth + 1);
    if (isSeq<Node>(node)) {
      return node.items.map((item) => convert(item, depth + 1));
    }
    if (isMap<Node, Node>(node)) return convertMap(node, depth + 1);
    return isScalar(node) ? scalarValue(node) : null;
  }

  function convertMap(map: YAMLMap<Node, Node>, depth: number): LosslessValue {
    const object: { [key: string]: LosslessValue } = {};
    for (const { key, value } of map.items) {
      setOwn(object, keyText(convert(key, depth)), convert(value, depth));
    }
    return object;
  }

  return {
    value: convert(document.contents, 0),
    complete: document.errors.length === 0 && budget >= 0,
  };
}

function keyText(key: LosslessValue): string {
  if (typeof key === "string") return key;
  return typeof key === "object" && key !== null
    ? JSON.stringify(
      key,
      (_, value: LosslessValue) => typeof value === "bigint" ? value.toString() : value,
    )
    : String(key);
}

function scalarValue(scalar: Scalar): LosslessValue {
  const text = String(scalar.value ?? "");
  switch (scalar.tag?.replace("tag:yaml.org,2002:", "")) {
    case undefined:
      return scalar.type === "PLAIN" ? plainValue(text) : text;
    case "int":
    case "float":
    case "bool":
    case "null":
    case "python/int":
    case "python/long":
    case "python/float":
    case "python/bool":
    case "python/none":
      return plainValue(text);
    default:
      return text;
  }
}

/** The value of a text that is not quoted. */
function plainValue(text: string): LosslessValue {
  if (patterns.none.test(text)) return null;
  if (patterns.yes.test(text)) return true;
  if (patterns.no.test(text)) return false;
  if (patterns.nan.test(text)) return NaN;
  const infinite = patterns.infinite.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  if (patterns.decimal.test(text)) return wholeNumber("", text);
  if (patterns.float.test(text)) return Number(text.replaceAll("_", ""));
  const radix = patterns.radix.exec(text);
  if (radix === null) return text;
  const [, sign = "", mark = "", body = ""] = radix;
  const plain = body.replaceAll("_", "");
  if (digits[mark]?.test(plain) !== true) return text;
  return wholeNumber(sign, `0${mark === "" ? "o" : mark}${plain}`);
}

/** An integer, exact; a text of more digits than are worth reading stays one. */
function wholeNumber(sign: string, text: string): LosslessValue {
  if (text.length > 5000) return text;
  const plain = text.replaceAll("_", "");
  const exact = BigInt(plain.startsWith("+") ? plain.slice(1) : plain);
  const signed = sign === "-" ? -exact : exact;
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

/** Sets a property of any name: `__proto__` is an ordinary key. */
function setOwn(object: object, key: string, value: LosslessValue): void {
  Object.defineProperty(object, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
