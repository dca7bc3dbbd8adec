import { setKey } from "../../../src/model/json.ts";
import type { Points } from "./points.ts";
import type { ScalarLog } from "./scalar_log.ts";
import type { StoredEvents, Unnumbered } from "./stored_events.ts";

/** Points that are held and sorted at once. */
const mostPoints = 100_000;
/** Rows in one array. */
const mostRows = 2048;

/** The columns of one window of steps, and an order of all their points. */
interface Window {
  readonly keys: readonly string[];
  readonly points: readonly Points[];
  /** Of each point, the place of its key. */
  readonly columns: Uint32Array;
  /** Of each point, its place in that column. */
  readonly places: Uint32Array;
}

/** All scalars of a run as rows: the points of one step and time, by step and then by time. */
export async function* scalarRows(log: ScalarLog, system: ReadonlySet<string>): StoredEvents {
  const all = [...log.keys];
  for (const isSystem of [false, true]) {
    const keys = all.filter((key) => system.has(key) === isSystem);
    for (const range of log.windows(keys, mostPoints)) {
      const points = await log.points(keys, range);
      yield* rowsOf(flat(keys, [...points.values()]), isSystem ? "system" : "history");
    }
  }
}

function flat(keys: readonly string[], points: readonly Points[]): Window {
  const count = points.reduce((sum, { steps }) => sum + steps.length, 0);
  const columns = new Uint32Array(count);
  const places = new Uint32Array(count);
  let at = 0;
  for (const [column, { steps }] of points.entries()) {
    for (let place = 0; place < steps.length; place++) {
      columns[at] = column;
      places[at++] = place;
    }
  }
  return { keys, points, columns, places };
}

function* rowsOf(window: Window, type: "history" | "system"): Generator<readonly Unnumbered[]> {
  const { columns, keys, places, points } = window;
  let rows: Unnumbered[] = [];
  let values: { [key: string]: number } = {};
  let step = NaN;
  let time = NaN;
  for (const at of orderOf(window)) {
    const key = columns[at] as number;
    const { steps, times, values: column } = points[key] as Points;
    const place = places[at] as number;
    if (steps[place] !== step || times[place] !== time) {
      if (rows.length >= mostRows) {
        yield rows;
        rows = [];
      }
      step = steps[place] as number;
      time = times[place] as number;
      values = {};
      rows.push({ type, step: stepOf(step), time, values });
    }
    setKey(values, keys[key] as string, column[place] as number);
  }
  if (rows.length > 0) yield rows;
}

/** Beyond 2^53 doubles are whole numbers too, but only bigint says so. */
function stepOf(step: number): number | bigint {
  return Number.isSafeInteger(step) ? step : BigInt(step);
}

/** The points by step, time and key. */
function orderOf({ columns, places, points }: Window): Uint32Array {
  const order = new Uint32Array(places.length);
  const steps = new Float64Array(places.length);
  const times = new Float64Array(places.length);
  for (let at = 0; at < order.length; at++) {
    const column = points[columns[at] as number] as Points;
    order[at] = at;
    steps[at] = column.steps[places[at] as number] as number;
    times[at] = column.times[places[at] as number] as number;
  }
  return order.sort((left, right) =>
    (steps[left] as number) - (steps[right] as number) ||
    (times[left] as number) - (times[right] as number) || left - right
  );
}
