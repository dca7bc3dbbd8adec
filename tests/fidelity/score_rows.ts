import type { LosslessValue } from "../../src/codec/lossless_json.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { expectedLeaves, mediaIds } from "../adapters/wandb/truth_values.ts";
import { canonical, textAt } from "../interop/json_path.ts";
import { holdsMedia, type LoggedRow, loggedRows, pointName, type ScoredRun } from "./scored_run.ts";
import type { Scorecard } from "./scorecard.ts";
import type { StoredRun } from "./stored_run.ts";

/** Every number, truth value, text and list of every row, and that nothing else is there. */
export function scoreRows(run: ScoredRun, card: Scorecard): void {
  const points = new Set<string>();
  for (const row of loggedRows(run)) {
    for (const [name, value] of leavesOf(row)) {
      const key = storedKey(name);
      scoreValue(run.stored, card, { key, row, value });
      if (value === null) continue;
      points.add(pointName(key, row.step));
      scoreTime(run, card, key, row);
    }
    for (const key of mediaKeys(row.data)) {
      points.add(pointName(key, row.step));
      // What SwanLab cannot show is a saved file, and no point.
      if (run.stored.media.has(key)) scoreTime(run, card, key, row);
    }
  }
  scoreExtras(run.stored, card, points);
}

/** The keys of media in a row. */
export function mediaKeys(data: JsonObject, prefix = ""): readonly string[] {
  return Object.entries(data).flatMap(([key, value]) => {
    if (isMediaValue(value)) return [storedKey(prefix + key)];
    return holdsMedia(value) ? mediaKeys(value as JsonObject, `${prefix}${key}.`) : [];
  });
}

/** Whether a value is media: an object, a list of such, or an array that becomes a histogram. */
function isMediaValue(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  const shape = (value as JsonObject)["shape"];
  const size = Array.isArray(shape) ? shape.reduce<number>((all, one) => all * Number(one), 1) : 0;
  return mediaIds(value).length > 0 || size > 32;
}

function leavesOf({ part, data }: LoggedRow): readonly (readonly [string, Json])[] {
  return Object.entries(data).flatMap(([key, value]) => {
    if (isMediaValue(value)) return [];
    if (!holdsMedia(value)) return expectedLeaves(part, key, value);
    return Object.entries(value as JsonObject).filter(([, inner]) => !holdsMedia(inner))
      .flatMap(([name, inner]) => expectedLeaves(part, `${key}.${name}`, inner));
  });
}

/** SwanLab takes no blanks, dots and slashes at the ends of a key, and no control characters. */
function storedKey(name: string): string {
  // deno-lint-ignore no-control-regex
  const key = name.replace(/[\u0000-\u001f\u007f]/g, "_").replace(/^[\s./]+|[\s./]+$/g, "");
  return key === "" ? "(empty)" : key;
}

interface Point {
  readonly key: string;
  readonly row: LoggedRow;
  readonly value: Json;
}

function scoreValue({ scalars, media }: StoredRun, card: Scorecard, point: Point): void {
  const { key, row, value } = point;
  const what = pointName(key, row.step);
  const scalar = scalars.get(key)?.get(String(row.step));
  const items = media.get(key)?.get(String(row.step)) ?? [];
  if (value === null) {
    // W&B shows nothing either.
    card.holds("nothing", `${what} is there`, scalar === undefined && items.length === 0);
  } else if (typeof value === "string" || Array.isArray(value)) {
    const text = typeof value === "string" ? value : canonical(value as LosslessValue);
    const stored = items.map((item) => item.text);
    const found = typeof value === "string" ? stored : stored.map(canonicalText);
    card.equal("strings", what, found, [text]);
    card.holds("strings", `${what} is a scalar`, scalar === undefined);
  } else {
    card.equal("scalars", what, scalar?.value, storedNumber(Number(value)));
    card.holds("scalars", `${what} is media`, items.length === 0);
  }
}

/** JSON as canonical text, of the kind that Python writes: NaN and infinities as bare words. */
function canonicalText(text: string): string {
  const quoted = text.replace(/(?<=[[,:]\s*)(NaN|-?Infinity)(?=\s*[\],}])/g, '"$1"');
  return canonical(JSON.parse(quoted)).replace(/"(NaN|-?Infinity)"/g, "$1");
}

/** What §4.2 of the API makes of a number. */
function storedNumber(value: number): LosslessValue {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? value : "INF";
}

function scoreTime(run: ScoredRun, card: Scorecard, key: string, row: LoggedRow): void {
  const name = pointName(key, row.step);
  const sent = run.times.get(name) ?? -1n;
  card.holds("times", `${name} was sent as of ${sent} µs, not ${row.time}`, near(sent, row.time));
  const stored = run.stored.scalars.get(key)?.get(String(row.step));
  if (stored === undefined) return;
  const isRight = near(BigInt(stored.time), row.time / 1000n);
  card.holds("times", `${name} is stored as of ${stored.time} ms`, isRight);
}

function near(left: bigint, right: bigint): boolean {
  return left - right >= -1n && left - right <= 1n;
}

function scoreExtras(stored: StoredRun, card: Scorecard, points: ReadonlySet<string>): void {
  for (const [key, column] of stored.columns) {
    if (textAt(column, "type") === "SYSTEM") continue;
    const logged = [...points].some((point) => point.startsWith(`${key} @ `));
    card.holds("no invention", `nobody logged a key ${JSON.stringify(key)}`, logged);
  }
  for (const kind of [stored.scalars, stored.media]) {
    for (const [key, steps] of kind) {
      if (textAt(stored.columns.get(key), "type") === "SYSTEM") continue;
      for (const step of steps.keys()) {
        const name = pointName(key, step);
        card.holds("no invention", `nobody logged ${name}`, points.has(name));
      }
    }
  }
}
