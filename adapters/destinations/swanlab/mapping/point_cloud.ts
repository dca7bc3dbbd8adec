import { isObject, type Json } from "../../../../src/model/json.ts";
import { jsonBytes } from "./json_text.ts";
import { palette } from "./palette.ts";
import { readJson } from "./read_json.ts";

/** What points without a colour get from the client (swanlab 0.10.3). */
const green: readonly number[] = [0, 255, 0];

/**
 * A point cloud of W&B as SwanLab's `.swanlab.pts.json`: points with three coordinates, with a
 * category or with a colour, and boxes. Undefined when it holds anything else.
 */
export function pointCloudFile(bytes: Uint8Array): Uint8Array | undefined {
  const value = readJson(bytes);
  const scene = isObject(value) ? value : { points: value ?? null };
  const { points = [], boxes = [], vectors = [] } = scene;
  if (!Array.isArray(points) || !Array.isArray(boxes) || !Array.isArray(vectors)) return undefined;
  if (vectors.length > 0) return undefined;
  const colored = points.map(coloredPoint);
  if (colored.includes(undefined)) return undefined;
  const framed = boxes.map(boxOf);
  if (framed.includes(undefined)) return undefined;
  return jsonBytes({ version: "0.1", points: colored as Json[], boxes: framed as Json[] });
}

/** A point with its colour; undefined when it is no point. */
function coloredPoint(point: Json): Json | undefined {
  if (!Array.isArray(point) || !point.every((part: Json) => typeof part === "number")) {
    return undefined;
  }
  if (point.length === 6) return point;
  if (point.length === 3) return [...point, ...green];
  const category = point[3];
  if (point.length !== 4 || typeof category !== "number") return undefined;
  return [...point.slice(0, 3), ...colorOf(category)];
}

function colorOf(category: number): readonly number[] {
  const color = palette.at(Math.trunc(category) % palette.length) ?? "#00ff00";
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** A box with the properties that SwanLab's have; undefined when it has no corners. */
function boxOf(box: Json): Json | undefined {
  if (!isObject(box) || !Array.isArray(box["corners"])) return undefined;
  const { corners, color = green, label = "", score } = box;
  return { color, corners, label: label ?? "", ...(score === undefined ? {} : { score }) };
}
