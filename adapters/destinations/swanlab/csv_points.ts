import { UnexpectedResponse } from "../../../src/net/unexpected_response.ts";

/** Takes a point of a column, counted from 0: time in ms since epoch, NaN where it is blank. */
export type OnPoint = (column: number, step: number, time: number, value: number) => void;

/**
 * Reads the points of an exported CSV (swanlab-api §8.3): a row a step, and for each key a cell with
 * the value, under a name that ends in "_step", and one with the time in ms. A blank cell is no
 * point. `keys` tells which column is which key's; a key that the header lacks has no points.
 * @throws {UnexpectedResponse} when the text is something else.
 */
export async function readCsvPoints(
  pieces: AsyncIterable<Uint8Array>,
  keys: readonly string[],
  onPoint: OnPoint,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  // A name in quotes may hold line breaks.
  let broken = "";
  let places: readonly (number | undefined)[] | undefined;
  const line = (text: string): void => {
    const whole = broken === "" ? text : `${broken}\n${text}`;
    broken = isBroken(whole) ? whole : "";
    if (broken !== "") return;
    const clean = whole.endsWith("\r") ? whole.slice(0, -1) : whole;
    if (clean === "") return;
    const cells = clean.includes('"') ? quotedCells(clean) : clean.split(",");
    if (places === undefined) places = placesOf(cells, keys);
    else readRow(cells, places, onPoint);
  };
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) line(text);
  }
  line(rest + decoder.decode());
}

/** For each pair of cells behind the step the key that it belongs to. */
function placesOf(
  header: readonly string[],
  keys: readonly string[],
): readonly (number | undefined)[] {
  if (header[0]?.replace(/^\ufeff/, "").trim() !== "step") {
    throw new UnexpectedResponse("The exported table does not begin with a column of steps");
  }
  const pairs = Math.floor((header.length - 1) / 2);
  const names = Array.from({ length: pairs }, (_, at) => (header[1 + 2 * at] ?? "").trimStart());
  if (pairs === keys.length && names.every((name, at) => name.endsWith(`${keys[at]}_step`))) {
    return names.map((_, at) => at);
  }
  const places = names.map((name) => placeOf(name, keys));
  // Names of another make: then the order in which the keys were asked for tells.
  const isStrange = places.every((place) => place === undefined);
  return isStrange && pairs === keys.length ? names.map((_, at) => at) : places;
}

/** A name ends with the longest key that fits: "a-b" may belong to "b" or to "a-b". */
function placeOf(name: string, keys: readonly string[]): number | undefined {
  const fitting = keys.map((key, at) => ({ at, key }))
    .filter(({ key }) => name === `${key}_step` || name.endsWith(`-${key}_step`));
  fitting.sort((left, right) => right.key.length - left.key.length);
  return fitting[0]?.at;
}

function readRow(
  cells: readonly string[],
  places: readonly (number | undefined)[],
  onPoint: OnPoint,
): void {
  const step = Number(cells[0]);
  for (let at = 0; at < places.length; at++) {
    const column = places[at];
    const cell = cells[1 + 2 * at];
    if (column === undefined || cell === undefined || cell === "") continue;
    onPoint(column, step, Number(cells[2 + 2 * at] || NaN), readValue(cell));
  }
}

/** A number; NaN and the infinities in any of the spellings of servers, the infinities as one. */
export function readValue(text: string): number {
  const value = Number(text);
  if (value === value) return value;
  return /^\s*[+-]?inf/i.test(text) ? Infinity : NaN;
}

/** Whether a quote is still open at the end of a line. */
function isBroken(line: string): boolean {
  return line.includes('"') && line.split('"').length % 2 === 0;
}

function quotedCells(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/gs)]
    .map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain);
}
