import { Buffer } from "node:buffer";
import { SourceError } from "../errors.ts";
import { readWal, type WalIndex } from "./sqlite_wal.ts";

/** Where the pages come from; 0 from `read` is the end. */
export interface PageSource {
  read(into: Uint8Array, position: number): Promise<number>;
}

const magic = "SQLite format 3\0";
const headerBytes = 100;
/** Text encodings, by their number in the file header. */
const encodings = ["utf-8", "utf-8", "utf-16le", "utf-16be"] as const;
/** Pages kept in memory, together at most 4 MiB. */
const cacheBytes = 4 * 1024 * 1024;
/** A row beyond this is damage; SQLite's own limit is 1 GiB. */
const longestPayload = 1024 * 1024 * 1024;

/** Reads as much as there is, up to the length of `into`. */
export async function readFully(
  source: PageSource,
  into: Uint8Array,
  position: number,
): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const got = await source.read(into.subarray(filled), position + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

/**
 * Opens the pages of a database and of its write-ahead log.
 * @throws {SourceError} when it is no SQLite 3 database.
 */
export async function openPages(
  database: PageSource,
  wal: PageSource | undefined,
): Promise<SqlitePages> {
  const log = wal === undefined ? undefined : await readWal(wal);
  let header = Buffer.alloc(headerBytes);
  const firstPage = log?.pages.get(1);
  if (log !== undefined && firstPage !== undefined) {
    await readFully(log.source, header, firstPage);
  } else {
    header = header.subarray(0, await readFully(database, header, 0));
  }
  if (
    header.length < headerBytes ||
    header.toString("latin1", 0, magic.length) !== magic
  ) throw notSqlite(header);
  const size = header.readUInt16BE(16);
  const pageBytes = size === 1 ? 65536 : size;
  if (!isPageSize(pageBytes)) throw notSqlite(header);
  return new SqlitePages(database, log, pageBytes, header);
}

/** Whether pages can have so many bytes. */
export function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= 65536 && (bytes & (bytes - 1)) === 0;
}

function notSqlite(header: Buffer): SourceError {
  const found = header.length === 0
    ? "it is empty"
    : `it begins with ${header.subarray(0, 16).toString("hex")}`;
  return new SourceError(`Cannot read the SQLite database: ${found}`, {
    hint: "Copy it again together with its -wal file, if there is one.",
  });
}

/** The pages of a database, by number from 1. */
export class SqlitePages {
  /** Decodes the database's text. */
  readonly decoder: TextDecoder;
  readonly #database: PageSource;
  readonly #log: WalIndex | undefined;
  readonly #pageBytes: number;
  /** Bytes of a page that are in use. */
  readonly #usable: number;
  readonly #cache = new Map<number, Buffer>();

  constructor(
    database: PageSource,
    log: WalIndex | undefined,
    pageBytes: number,
    header: Buffer,
  ) {
    this.#database = database;
    this.#log = log?.pageBytes === pageBytes ? log : undefined;
    this.#pageBytes = pageBytes;
    this.#usable = pageBytes - (header[20] as number);
    const encoding = encodings[header.readUInt32BE(56)] ?? "utf-8";
    this.decoder = new TextDecoder(encoding, { ignoreBOM: true });
  }

  /** The error for a damaged page. */
  damaged(number: number, why: string): SourceError {
    return new SourceError(
      `Cannot read page ${number} of the SQLite database: ${why}`,
      { hint: "The database is damaged from here on." },
    );
  }

  /**
   * One page; must not be changed.
   * @throws {SourceError} when the file has no such page.
   */
  async page(number: number): Promise<Buffer> {
    const known = this.#cache.get(number);
    if (known !== undefined) return known;
    const page = Buffer.alloc(this.#pageBytes);
    const logged = this.#log?.pages.get(number);
    const got = this.#log !== undefined && logged !== undefined
      ? await readFully(this.#log.source, page, logged)
      : await readFully(this.#database, page, (number - 1) * this.#pageBytes);
    if (number < 1 || got < page.length) {
      throw this.damaged(number, "the file ends before it");
    }
    this.#cache.set(number, page);
    if (this.#cache.size * this.#pageBytes > cacheBytes) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    return page;
  }

  /**
   * The payload of a cell of a table's leaf, `bytes` long and beginning at `start`; what does not
   * fit stands on a chain of overflow pages.
   */
  async payload(
    number: number,
    page: Buffer,
    start: number,
    bytes: number,
  ): Promise<Buffer> {
    if (bytes < 0 || bytes > longestPayload) {
      throw this.damaged(number, `a row claims ${bytes} bytes`);
    }
    const local = this.#localBytes(bytes);
    const end = start + local;
    const chained = local < bytes;
    if (end + (chained ? 4 : 0) > page.length) {
      throw this.damaged(number, "a row leads out of it");
    }
    if (!chained) return page.subarray(start, end);
    const pieces = [page.subarray(start, end)];
    let missing = bytes - local;
    let next = page.readUInt32BE(end);
    const seen = new Set<number>();
    while (missing > 0) {
      if (next === 0 || seen.has(next)) {
        throw this.damaged(number, "a row's overflow pages end early");
      }
      seen.add(next);
      const overflow = await this.page(next);
      const take = Math.min(missing, this.#usable - 4);
      pieces.push(overflow.subarray(4, 4 + take));
      missing -= take;
      next = overflow.readUInt32BE(0);
    }
    return Buffer.concat(pieces);
  }

  /** How much of a payload is on the leaf itself. */
  #localBytes(bytes: number): number {
    const most = this.#usable - 35;
    if (bytes <= most) return bytes;
    const least = Math.floor((this.#usable - 12) * 32 / 255) - 23;
    const fitting = least + (bytes - least) % (this.#usable - 4);
    return fitting <= most ? fitting : least;
  }
}
