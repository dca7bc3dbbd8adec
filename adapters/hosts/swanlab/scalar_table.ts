import type { Points } from "./points.ts";
import type { ScalarLog } from "./scalar_log.ts";

/** Points that are held at once while a table is written. */
const mostPoints = 500_000;
/** Length of the texts that a table is written in. */
const pieceLength = 1 << 18;

/** The number as clients read it back: what JSON cannot say is a word. */
export function wordOfValue(value: number): number | "NaN" | "INF" | "-INF" {
  if (Number.isFinite(value)) return value;
  if (value !== value) return "NaN";
  return value > 0 ? "INF" : "-INF";
}

/** A step as JSON and CSV have it: a whole number with all its digits. */
export function stepAnswer(step: number): number | bigint {
  return Number.isSafeInteger(step) ? step : BigInt(step);
}

/**
 * A table of scalars as CSV (swanlab-api §8.3): a row for each step at which any key has a point,
 * by step; of each key the value, oddly headed "_step", and the time in whole ms.
 * @param names of the run, for the head, one for each key.
 */
export async function* scalarTable(
  log: ScalarLog,
  keys: readonly string[],
  names: readonly string[],
): AsyncGenerator<string> {
  const head = keys.map((key, at) => {
    const name = `${names[at] ?? ""}-${key}`;
    return `${cell(`${name}_step`)},${cell(`${name}_timestamp`)}`;
  });
  yield `${["step", ...head].join(",")}\n`;
  for (const window of log.windows(keys, mostPoints)) {
    const points = await log.points(keys, window);
    yield* rows(keys.map((key) => points.get(key)));
  }
}

function* rows(columns: readonly (Points | undefined)[]): Generator<string> {
  const next = columns.map(() => 0);
  let text = "";
  for (;;) {
    let step = Infinity;
    for (const [at, points] of columns.entries()) {
      step = Math.min(step, points?.steps[next[at] ?? 0] ?? Infinity);
    }
    if (step === Infinity) break;
    text += String(stepAnswer(step));
    for (const [at, points] of columns.entries()) {
      const place = next[at] ?? 0;
      if (points === undefined || points.steps[place] !== step) {
        text += ",,";
        continue;
      }
      text += `,${cellOf(points.values[place] ?? NaN)},${Math.floor(points.times[place] ?? 0)}`;
      next[at] = place + 1;
    }
    text += "\n";
    if (text.length < pieceLength) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

/** Unlike in texts of other numbers, the sign of zero is kept. */
function cellOf(value: number): string {
  return Object.is(value, -0) ? "-0" : String(wordOfValue(value));
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
