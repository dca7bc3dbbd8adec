import { isObject, type Json } from "../../../../src/model/json.ts";
import { jsonText } from "./json_text.ts";
import { readJson } from "./read_json.ts";

/** A table as W&B writes it: `{"columns": […], "data": [[…], …]}` (wandb-format §4.5). */
export interface Table {
  /** A name for each column, none twice. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
}

/** Reads a table; undefined when the value is none. */
export function readTable(value: Json | undefined): Table | undefined {
  if (!isObject(value)) return undefined;
  const { columns, data } = value;
  if (!Array.isArray(columns) || !Array.isArray(data)) return undefined;
  if (!data.every((row: Json) => Array.isArray(row))) return undefined;
  return { columns: distinct(columns), rows: data };
}

/** Names of columns as texts; a name that comes again gets its number. */
function distinct(columns: readonly Json[]): readonly string[] {
  const names = new Set<string>();
  for (const column of columns) {
    const name = typeof column === "string" ? column : jsonText(column);
    let own = name;
    for (let number = 2; names.has(own); number++) own = `${name} (${number})`;
    names.add(own);
  }
  return [...names];
}

const encoder = new TextEncoder();

/**
 * A table in the form of `swanlab.echarts.Table` (swanlab 0.10.3): columns by name, rows as objects.
 * Cells beyond the columns are columns of their own.
 */
export function tableBytes({ columns, rows }: Table): Uint8Array {
  const width = rows.reduce((most, row) => Math.max(most, row.length), columns.length);
  const extra = Array.from({ length: width - columns.length }, (_, at) => columns.length + at + 1);
  const names = distinct([...columns, ...extra.map((number) => `column ${number}`)])
    .map((name) => JSON.stringify(name));
  const fields = names.map((name) => `{"field":${name}}`);
  const objects = rows.map((row) =>
    `{${row.map((cell, at) => `${names[at]}:${jsonText(cell)}`).join(",")}}`
  );
  return encoder.encode(
    `{"_swanLab":"table","colDefs":[${fields.join(",")}],"rowData":[${objects.join(",")}]}`,
  );
}

/** A table file of W&B as SwanLab shows it; undefined when it is none. */
export function tableFile(bytes: Uint8Array): Uint8Array | undefined {
  const table = readTable(readJson(bytes));
  return table === undefined ? undefined : tableBytes(table);
}
