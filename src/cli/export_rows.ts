import type { RunReader } from "../adapter.ts";
import { writeLosslessJson } from "../codec/lossless_json.ts";
import type { HistoryEvent, HistoryValue } from "../model/event.ts";
import { csvLine, csvText } from "./csv.ts";

/** Lines of a table, in arrays as they become ready. */
type Lines = AsyncGenerator<readonly string[]>;

/**
 * The history as CSV: `step`, `time` (ms since epoch), then every key in the order in which it
 * first came up. Reads the run twice, so that memory does not grow with the rows; the second
 * reading ends where the first one did.
 */
export async function* exportCsv(reader: RunReader): Lines {
  const keys = new Set<string>();
  let end = -1;
  for await (const rows of histories(reader)) {
    end = rows.at(-1)?.seq ?? end;
    for (const { values } of rows) {
      for (const key of Object.keys(values)) keys.add(key);
    }
  }
  const columns = [...keys];
  yield [csvLine(["step", "time", ...columns.map(columnName)].map(csvText))];
  for await (const rows of histories(reader)) {
    const old = rows.filter(({ seq }) => seq <= end);
    yield old.map((row) => csvRow(row, columns));
    if (old.length < rows.length) return;
  }
}

/** The history as JSON Lines: one flat object a row, `step` and `time` first. */
export async function* exportJsonl(reader: RunReader): Lines {
  for await (const rows of histories(reader)) {
    yield rows.map((row) => `${jsonRow(row)}\n`);
  }
}

async function* histories(reader: RunReader): AsyncGenerator<readonly HistoryEvent[]> {
  for await (const events of reader.events()) {
    yield events.filter((event) => event.type === "history");
  }
}

/**
 * How a key is called in a table. `step` and `time` are the row's own, so keys of that name, and
 * those that would then be called the same, get one more `_`.
 */
function columnName(key: string): string {
  return /^(?:step|time)_*$/.test(key) ? `${key}_` : key;
}

function jsonRow({ step, time, values }: HistoryEvent): string {
  const cells = Object.keys(values).map((key) =>
    `,${JSON.stringify(columnName(key))}:${writeLosslessJson(values[key])}`
  );
  const when = time === undefined ? "" : `,"time":${writeLosslessJson(time)}`;
  return `{"step":${writeLosslessJson(step)}${when}${cells.join("")}}`;
}

function csvRow({ step, time, values }: HistoryEvent, columns: readonly string[]): string {
  return csvLine([
    String(step),
    time === undefined ? "" : String(time),
    ...columns.map((key) => Object.hasOwn(values, key) ? csvCell(values[key] ?? null) : ""),
  ]);
}

function csvCell(value: HistoryValue): string {
  if (typeof value === "string") return csvText(value);
  return typeof value === "object" && value !== null
    ? csvText(writeLosslessJson(value))
    : String(value);
}
