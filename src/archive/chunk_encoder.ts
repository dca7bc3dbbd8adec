import type { RunEvent } from "../model/event.ts";
import { MsgpackEncoder } from "./msgpack_encoder.ts";

/** A chunk holds no more events than this. */
const mostEvents = 4096;
/** A chunk ends with the event that takes it to so many bytes. */
const mostBytes = 4 << 20;
const mostCells = mostBytes / 8;
/** Rows whose first key is the same, but with ever other keys behind it, are not worth columns. */
const mostTables = 32;
/** Cells of a row before its values: its place in the chunk, its step, its time. */
const rowHead = 3;

/** Rows that have the same keys in the same order, and only doubles in them. */
interface Table {
  readonly keys: readonly string[];
  /** Where each row begins in the cells. */
  readonly rows: number[];
}

/**
 * Collects events into a chunk as FORMAT.md describes it: rows of plain numbers as columns,
 * everything else event by event.
 */
export class ChunkEncoder {
  /** Number of events in the chunk. */
  count = 0;
  #first = 0;
  #cells: Float64Array<ArrayBuffer> = new Float64Array(1 << 10);
  #used = 0;
  #tables: Table[] = [];
  /** By first key. */
  readonly #byKey = new Map<string, Table[]>();
  readonly #others = new MsgpackEncoder();
  readonly #chunk = new MsgpackEncoder();
  #otherCount = 0;

  /** Whether the chunk is as large as chunks get. */
  get full(): boolean {
    return this.count >= mostEvents || this.#used >= mostCells ||
      this.#others.length >= mostBytes;
  }

  /** Adds the next event. */
  add(event: RunEvent): void {
    if (this.count === 0) this.#first = event.seq;
    this.count++;
    if (event.type === "history" && this.#addRow(event)) return;
    this.#others.value(event);
    this.#otherCount++;
  }

  /** The chunk as MessagePack; the next event begins a new one. */
  take(): Uint8Array {
    const chunk = this.#chunk;
    chunk.map(4).text("first").number(this.#first);
    chunk.text("count").number(this.count);
    chunk.text("tables").array(this.#tables.length);
    for (const table of this.#tables) this.#encodeTable(table);
    chunk.text("events").array(this.#otherCount).raw(this.#others.take());
    this.count = 0;
    this.#used = 0;
    this.#otherCount = 0;
    this.#tables = [];
    this.#byKey.clear();
    return chunk.take();
  }

  /** False when the event is not a row of plain numbers. */
  #addRow(event: RunEvent & { readonly type: "history" }): boolean {
    const { step, time = NaN, values } = event;
    if (typeof step !== "number") return false;
    if (time !== time && event.time !== undefined) return false;
    const keys = Object.keys(values);
    const start = this.#used;
    const end = start + rowHead + keys.length;
    const cells = this.#reserve(end);
    for (let column = 0; column < keys.length; column++) {
      const value = values[keys[column] as string];
      if (typeof value !== "number") return false;
      cells[start + rowHead + column] = value;
    }
    const table = this.#table(keys);
    if (table === undefined) return false;
    cells[start] = event.seq - this.#first;
    cells[start + 1] = step;
    cells[start + 2] = time;
    table.rows.push(start);
    this.#used = end;
    return true;
  }

  #reserve(cells: number): Float64Array<ArrayBuffer> {
    if (cells > this.#cells.length) {
      const larger = new Float64Array(Math.max(cells, 2 * this.#cells.length));
      larger.set(this.#cells.subarray(0, this.#used));
      this.#cells = larger;
    }
    return this.#cells;
  }

  #table(keys: readonly string[]): Table | undefined {
    const first = keys[0] ?? "";
    let tables = this.#byKey.get(first);
    if (tables === undefined) {
      tables = [];
      this.#byKey.set(first, tables);
    }
    for (const table of tables) if (same(table.keys, keys)) return table;
    if (tables.length === mostTables) return undefined;
    const table = { keys, rows: [] };
    tables.push(table);
    this.#tables.push(table);
    return table;
  }

  #encodeTable({ keys, rows }: Table): void {
    const chunk = this.#chunk;
    const column = new Float64Array(rows.length);
    chunk.map(5).text("keys").array(keys.length);
    for (const key of keys) chunk.text(key);
    chunk.text("places").bytes(bytesOf(new Uint32Array(this.#fill(column, rows, 0))));
    chunk.text("steps").bytes(bytesOf(this.#fill(column, rows, 1)));
    chunk.text("times").bytes(bytesOf(this.#fill(column, rows, 2)));
    chunk.text("values").beginBytes(keys.length * column.byteLength);
    for (let key = 0; key < keys.length; key++) {
      chunk.raw(bytesOf(this.#fill(column, rows, rowHead + key)));
    }
  }

  /** Copies one cell of each row into a column. */
  #fill(column: Float64Array, rows: readonly number[], cell: number): Float64Array {
    const cells = this.#cells;
    for (let row = 0; row < rows.length; row++) {
      column[row] = cells[(rows[row] as number) + cell] as number;
    }
    return column;
  }
}

function same(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) {
    if (left[at] !== right[at]) return false;
  }
  return true;
}

/** The memory of an array as bytes, little-endian as all machines are that this runs on. */
function bytesOf(array: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
