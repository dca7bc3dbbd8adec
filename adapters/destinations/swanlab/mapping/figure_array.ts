import { isObject, type Json } from "../../../../src/model/json.ts";

/** Reads one number of a binary array, little endian. */
type ReadNumber = (view: DataView, offset: number) => number;

const numbers: ReadonlyMap<string, readonly [size: number, read: ReadNumber]> = new Map([
  ["i1", [1, (view, at): number => view.getInt8(at)]],
  ["u1", [1, (view, at): number => view.getUint8(at)]],
  ["i2", [2, (view, at): number => view.getInt16(at, true)]],
  ["u2", [2, (view, at): number => view.getUint16(at, true)]],
  ["i4", [4, (view, at): number => view.getInt32(at, true)]],
  ["u4", [4, (view, at): number => view.getUint32(at, true)]],
  ["f4", [4, (view, at): number => view.getFloat32(at, true)]],
  ["f8", [8, (view, at): number => view.getFloat64(at, true)]],
]);

/**
 * An array of a plotly figure: as it is, or in the binary form of plotly 6, `{"dtype": "f8",
 * "bdata": BASE64, "shape": "2, 3"}`. Undefined for anything else.
 */
export function figureArray(value: Json | undefined): readonly Json[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  const { dtype, bdata, shape } = value;
  if (typeof dtype !== "string" || typeof bdata !== "string") return undefined;
  const [size, read] = numbers.get(dtype.replace(/^[<|]/, "")) ?? [];
  const bytes = decoded(bdata);
  if (size === undefined || read === undefined || bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const list = Array.from(
    { length: Math.floor(bytes.length / size) },
    (_, at) => read(view, at * size),
  );
  const width = typeof shape === "string" ? Number(shape.split(",")[1]) : NaN;
  if (!(width >= 1)) return list;
  return Array.from(
    { length: Math.ceil(list.length / width) },
    (_, row) => list.slice(row * width, (row + 1) * width),
  );
}

function decoded(base64: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
