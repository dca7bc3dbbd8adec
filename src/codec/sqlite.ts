import type { Buffer } from "node:buffer";
import { SourceError } from "../errors.ts";
import { type Column, parseColumns } from "./sqlite_columns.ts";
import { openPages, type PageSource, type SqlitePages } from "./sqlite_pages.ts";
import { decodeRecord, readVarint, type SqliteValue } from "./sqlite_record.ts";

/** A row: column names in the table's order, each with its value. */
export type SqliteRow = ReadonlyMap<string, SqliteValue>;

/** An open database. */
export interface SqliteDatabase {
  /** The column names of every table, in order. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  /**
   * The rows of a table in order of rowid.
   * @throws {SourceError} when there is no such table, it has no rowid, or a page of it is damaged;
   * the rows before the damage come first.
   */
  rows(table: string): AsyncGenerator<SqliteRow, void, undefined>;
}

interface Table {
  readonly root: number;
  readonly columns: readonly Column[];
  readonly rowless: boolean;
}

const schemaRoot = 1;
const schemaColumns = ["type", "name", "tbl_name", "rootpage", "sql"].map(
  (name): Column => ({ name, isRowid: false, initial: null }),
);

/**
 * Opens an SQLite 3 database for reading without locks and without writing anything. `wal` is its
 * write-ahead log: what was committed there counts.
 * @throws {SourceError} when it is no such database, or its schema is damaged.
 */
export async function openSqlite(
  database: PageSource,
  wal?: PageSource,
): Promise<SqliteDatabase> {
  const pages = await openPages(database, wal);
  const tables = new Map<string, Table>();
  for await (const row of rowsOf(pages, schemaRoot, schemaColumns)) {
    const [name, sql, root] = [
      row.get("name"),
      row.get("sql"),
      row.get("rootpage"),
    ];
    if (row.get("type") !== "table" || typeof sql !== "string") continue;
    if (typeof name !== "string" || typeof root !== "number" || root === 0) {
      continue;
    }
    tables.set(name, { root, ...parseColumns(sql) });
  }
  return {
    tables: new Map(
      [...tables].map(([name, table]) => [
        name,
        table.columns.map((column) => column.name),
      ]),
    ),
    rows(name: string): AsyncGenerator<SqliteRow, void, undefined> {
      const table = tables.get(name);
      if (table === undefined || table.rowless) throw noTable(name, table);
      return rowsOf(pages, table.root, table.columns);
    },
  };
}

function noTable(name: string, table: Table | undefined): SourceError {
  const why = table === undefined ? "does not exist" : "has no rowid";
  return new SourceError(`Cannot read the SQLite table ${name}: it ${why}`, {
    hint: "The database was written by something else than expected.",
  });
}

/** Page types of the b-tree that holds a table. */
const interior = 5;
const leaf = 13;

/** Walks a table's b-tree from the left to the right; a page that was seen before is not entered. */
async function* rowsOf(
  pages: SqlitePages,
  root: number,
  columns: readonly Column[],
): AsyncGenerator<SqliteRow, void, undefined> {
  const seen = new Set<number>();
  const waiting = [root];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const page = await pages.page(at);
    const start = at === 1 ? 100 : 0;
    const type = page[start];
    if (type === interior) {
      waiting.push(...children(pages, at, page, start).reverse());
      continue;
    }
    if (type !== leaf) {
      throw pages.damaged(at, `it is not a page of a table (type ${type})`);
    }
    for (const cell of cells(pages, at, page, start + 8, start)) {
      yield await readRow(pages, at, page, cell, columns);
    }
  }
}

/** Offsets of the cells of a b-tree page; `pointers` is where their list begins. */
function cells(
  pages: SqlitePages,
  number: number,
  page: Buffer,
  pointers: number,
  start: number,
): number[] {
  const count = page.readUInt16BE(start + 3);
  if (pointers + 2 * count > page.length) {
    throw pages.damaged(number, `it claims ${count} cells`);
  }
  return Array.from(
    { length: count },
    (_, index) => page.readUInt16BE(pointers + 2 * index),
  );
}

function children(
  pages: SqlitePages,
  number: number,
  page: Buffer,
  start: number,
): number[] {
  const left = cells(pages, number, page, start + 12, start).map((cell) => {
    if (cell + 4 > page.length) {
      throw pages.damaged(number, "a cell is outside");
    }
    return page.readUInt32BE(cell);
  });
  return [...left, page.readUInt32BE(start + 8)];
}

async function readRow(
  pages: SqlitePages,
  number: number,
  page: Buffer,
  cell: number,
  columns: readonly Column[],
): Promise<SqliteRow> {
  const bytes = readVarint(page, cell);
  const rowid = bytes && readVarint(page, bytes.next);
  if (bytes === undefined || rowid === undefined) {
    throw pages.damaged(number, "a cell is outside");
  }
  const payload = await pages.payload(
    number,
    page,
    rowid.next,
    Number(bytes.value),
  );
  const values = decodeRecord(payload, pages.decoder);
  if (values === undefined) {
    throw pages.damaged(number, `row ${rowid.value} is not a record`);
  }
  const row = new Map<string, SqliteValue>();
  columns.forEach(({ name, isRowid, initial }, index) => {
    const value = index < values.length ? values[index] ?? null : initial;
    row.set(name, isRowid && value === null ? small(rowid.value) : value);
  });
  return row;
}

function small(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
