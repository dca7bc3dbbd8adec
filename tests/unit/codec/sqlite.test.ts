import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { copyFileSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openSqlite, type SqliteRow } from "../../../src/codec/sqlite.ts";
import type { SqliteValue } from "../../../src/codec/sqlite_record.ts";
import { SourceError } from "../../../src/errors.ts";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures/swanlab");

interface Bytes {
  read(into: Uint8Array, position: number): Promise<number>;
}

function memory(bytes: Uint8Array): Bytes {
  return {
    read(into, position): Promise<number> {
      const piece = bytes.subarray(position, position + into.length);
      into.set(piece);
      return Promise.resolve(piece.length);
    },
  };
}

/** A database that SQLite makes, and what SQLite itself reads from it. */
class Scratch implements Disposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "runferry-sqlite-"));
  readonly path: string = join(this.#directory, "made.db");
  readonly database: DatabaseSync = new DatabaseSync(this.path);

  run(sql: string): void {
    this.database.exec(sql);
  }

  /** The database file as it is now, and its write-ahead log if there is one. */
  files(): [Bytes, Bytes | undefined] {
    const wal = `${this.path}-wal`;
    return [
      memory(readFileSync(this.path)),
      existsSync(wal) ? memory(readFileSync(wal)) : undefined,
    ];
  }

  [Symbol.dispose](): void {
    this.database.close();
    rmSync(this.#directory, { recursive: true });
  }
}

function plain(value: unknown): SqliteValue {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (typeof value !== "bigint") return value as SqliteValue;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** The rows of a table as SQLite reads them. */
function oracle(database: DatabaseSync, table: string): [string, SqliteValue][][] {
  const statement = database.prepare(`SELECT * FROM "${table}" ORDER BY rowid`);
  statement.setReadBigInts(true);
  return statement.all().map((row) =>
    Object.entries(row).map(([name, value]): [string, SqliteValue] => [name, plain(value)])
  );
}

async function rowsOf(rows: AsyncIterable<SqliteRow>): Promise<[string, SqliteValue][][]> {
  return (await Array.fromAsync(rows)).map((row) => [...row]);
}

/** Reads every table and compares it with what SQLite reads. */
async function assertSame(
  database: DatabaseSync,
  files: [Bytes, Bytes | undefined],
): Promise<void> {
  const read = await openSqlite(...files);
  const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    .map((row) => String(row["name"]));
  assert.deepEqual([...read.tables.keys()].sort(), names.sort());
  for (const name of names) {
    const columns = database.prepare(`SELECT name FROM pragma_table_info('${name}')`).all();
    assert.deepEqual(read.tables.get(name), columns.map((column) => column["name"]));
    assert.deepEqual(await rowsOf(read.rows(name)), oracle(database, name), name);
  }
}

describe("the databases of SwanLab's local mode", () => {
  for (const path of globSync(`${fixtures}/**/runs.swanlab`).sort()) {
    it(`${relative(fixtures, path)} gives the rows that SQLite reads`, async () => {
      using scratch = new Scratch();
      const copy = `${scratch.path}.copy`;
      copyFileSync(path, copy);
      const database = new DatabaseSync(copy, { readOnly: true });
      await assertSame(database, [memory(readFileSync(path)), undefined]);
      database.close();
    });
  }
});

const everyType = `
  CREATE TABLE "every type" (id INTEGER PRIMARY KEY, a, b TEXT);
  INSERT INTO "every type" (a, b) VALUES (NULL, 'null'), (0, ''), (1, 'one'), (-1, 'minus'),
    (127, ''), (-128, ''), (32767, ''), (8388607, ''), (-8388608, ''), (2147483647, ''),
    (140737488355327, ''), (-140737488355328, ''), (9007199254740991, ''), (9007199254740992, ''),
    (9223372036854775807, ''), (-9223372036854775808, ''), (0.1, ''), (1e300, ''), (9e999, ''),
    ('text', 'żółw 🐢'), (x'00ff10', ''), (x'', '');
`;

describe("openSqlite", () => {
  for (const page of [512, 1024, 4096, 65536]) {
    it(`reads every type and long rows in pages of ${page} bytes`, async () => {
      using scratch = new Scratch();
      scratch.run(`PRAGMA page_size = ${page}; ${everyType}
        CREATE TABLE long (content);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i * 3 FROM n WHERE i < 500000)
        INSERT INTO long SELECT printf('%.*c', i, 'x') FROM n;
        INSERT INTO long SELECT zeroblob(${page} - 60 + value) FROM json_each('[0,1,2,3,4,5,20,25,26,30,33]');`);
      await assertSame(scratch.database, scratch.files());
    });
  }

  for (const encoding of ["UTF-8", "UTF-16le", "UTF-16be"]) {
    it(`reads text in ${encoding}`, async () => {
      using scratch = new Scratch();
      scratch.run(`PRAGMA encoding = '${encoding}'; ${everyType}
        INSERT INTO "every type" (b) VALUES ('\ufeffafter a mark'), ('日本語');`);
      await assertSame(scratch.database, scratch.files());
    });
  }

  it("reads a table of many pages in order of rowid", async () => {
    using scratch = new Scratch();
    scratch.run(`PRAGMA page_size = 512; CREATE TABLE many (id INTEGER PRIMARY KEY, value);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO many SELECT (i * 7919) % 20011 - 10000, 'value ' || i FROM n;
      DELETE FROM many WHERE id % 3 = 0;`);
    await assertSame(scratch.database, scratch.files());
  });

  it("gives columns added later their default in older rows", async () => {
    using scratch = new Scratch();
    scratch.run(`CREATE TABLE grown (a); INSERT INTO grown VALUES ('old');
      ALTER TABLE grown ADD COLUMN b TEXT;
      ALTER TABLE grown ADD COLUMN c INTEGER DEFAULT -7;
      ALTER TABLE grown ADD COLUMN d TEXT NOT NULL DEFAULT 'it''s';
      ALTER TABLE grown ADD COLUMN e REAL DEFAULT +1.5e-3;
      ALTER TABLE grown ADD COLUMN f BLOB DEFAULT x'0aff';
      ALTER TABLE grown ADD COLUMN g BOOLEAN DEFAULT TRUE;
      ALTER TABLE grown ADD COLUMN h DEFAULT NULL;
      ALTER TABLE grown ADD COLUMN i INTEGER DEFAULT 9007199254740993;
      INSERT INTO grown (a, b, c) VALUES ('new', 'given', NULL);`);
    await assertSame(scratch.database, scratch.files());
  });

  const statements: readonly (readonly [string, string])[] = [
    ["quoted names", `CREATE TABLE t ("a b" TEXT, [c d] INT, \`e f\` BLOB, "g""h", 'i')`],
    [
      "constraints",
      `CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, a VARCHAR(255) NOT NULL UNIQUE
      CHECK (length(a) > 0 AND a <> ','), b DECIMAL(10, 5) DEFAULT (1), CONSTRAINT u UNIQUE (a, b),
      FOREIGN KEY (b) REFERENCES t (id) ON DELETE CASCADE, CHECK (b > 0))`,
    ],
    ["comments", "CREATE TABLE t /* (x, */ (a, -- the first, really\n b /* ) */, c)"],
    ["key by a table constraint", "CREATE TABLE t (a TEXT, Id INTEGER, PRIMARY KEY (iD))"],
    ["key of two columns", "CREATE TABLE t (a INTEGER, b INTEGER, PRIMARY KEY (a, b))"],
    ["a key that is no rowid", "CREATE TABLE t (a INT PRIMARY KEY, b INTEGER)"],
    ["a key in descending order", "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b)"],
    ["a named key", "CREATE TABLE t (a INTEGER CONSTRAINT pk PRIMARY KEY, b)"],
    ["letters of any kind", "CREATE TABLE t (größe, 名前 TEXT, a$b)"],
    ["no types", "CREATE TABLE t(a,b,c)"],
    ["a selection", "CREATE TABLE t AS SELECT 1 AS a, 'x' AS \"b c\""],
  ];
  for (const [name, sql] of statements) {
    it(`reads the columns of a table with ${name}`, async () => {
      using scratch = new Scratch();
      scratch.run(`PRAGMA foreign_keys = OFF; ${sql}`);
      const [first = {}] = scratch.database.prepare(
        "SELECT count(*) AS n FROM pragma_table_info('t')",
      ).all();
      const values = Array.from({ length: Number(first["n"]) }, (_, index) => index + 1).join();
      scratch.run(`INSERT INTO t VALUES (${values})`);
      await assertSame(scratch.database, scratch.files());
    });
  }

  it("keeps null in a key that does not stand for the rowid", async () => {
    using scratch = new Scratch();
    scratch.run(`CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b); INSERT INTO t (b) VALUES (1);
      CREATE TABLE u (a INT PRIMARY KEY, b); INSERT INTO u (b) VALUES (1);
      CREATE TABLE v (a INTEGER, b, PRIMARY KEY (a, b)); INSERT INTO v (b) VALUES (1);
      CREATE TABLE w (a INTEGER PRIMARY KEY, b); INSERT INTO w (b) VALUES (1);`);
    await assertSame(scratch.database, scratch.files());
  });

  it("leaves out computed columns that are not stored", async () => {
    using scratch = new Scratch();
    scratch.run(
      `CREATE TABLE t (a, b AS (a * 2), c AS (a * 3) STORED, d GENERATED ALWAYS AS (a) VIRTUAL, e);
      INSERT INTO t (a, e) VALUES (1, 5)`,
    );
    const read = await openSqlite(...scratch.files());
    assert.deepEqual(await rowsOf(read.rows("t")), [[["a", 1], ["c", 3], ["e", 5]]]);
  });

  it("reads what is committed in the write-ahead log, and nothing else", async () => {
    using scratch = new Scratch();
    scratch.run(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${everyType}
      PRAGMA wal_checkpoint(TRUNCATE);
      INSERT INTO "every type" (a) VALUES ('in the log'); CREATE TABLE later (x);
      INSERT INTO later VALUES (1); UPDATE later SET x = 2;`);
    const reader = new DatabaseSync(scratch.path);
    await assertSame(reader, scratch.files());
    scratch.run("PRAGMA cache_spill = 1; PRAGMA cache_size = 2; BEGIN; DELETE FROM later;");
    scratch.run(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      INSERT INTO "every type" (a) SELECT zeroblob(1000) FROM n;`);
    await assertSame(reader, scratch.files());
    scratch.run("ROLLBACK");
    reader.close();
  });

  it("reads a database that is all in its write-ahead log", async () => {
    using scratch = new Scratch();
    scratch.run(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${everyType}`);
    const [, wal] = scratch.files();
    await assertSame(scratch.database, [memory(new Uint8Array(0)), wal]);
  });

  it("does not read old frames behind the newest ones in the log", async () => {
    using scratch = new Scratch();
    scratch.run(`PRAGMA journal_mode = WAL; CREATE TABLE t (a);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
      INSERT INTO t SELECT zeroblob(1000) FROM n; PRAGMA wal_checkpoint(RESTART);
      DELETE FROM t; INSERT INTO t VALUES ('new');`);
    await assertSame(scratch.database, scratch.files());
  });

  it("stops at the first damaged frame of the log", async () => {
    using scratch = new Scratch();
    scratch.run(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a);
      INSERT INTO t VALUES (1);`);
    const first = readFileSync(`${scratch.path}-wal`).length;
    scratch.run("INSERT INTO t VALUES (2)");
    const database = memory(readFileSync(scratch.path));
    const wal = readFileSync(`${scratch.path}-wal`);
    wal[first + 30] = (wal[first + 30] ?? 0) ^ 1;
    const read = await openSqlite(database, memory(wal));
    assert.deepEqual(await rowsOf(read.rows("t")), [[["a", 1]]]);
  });

  it("refuses what is no database", async () => {
    for (
      const bytes of [
        Buffer.alloc(0),
        Buffer.alloc(50),
        Buffer.alloc(5000),
        Buffer.from("SQLite format 3\0"),
      ]
    ) {
      await assert.rejects(openSqlite(memory(bytes)), SourceError);
    }
  });

  it("refuses a table that is missing or has no rowid", async () => {
    using scratch = new Scratch();
    scratch.run("CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID");
    const read = await openSqlite(...scratch.files());
    assert.throws(() => read.rows("none"), /does not exist/);
    assert.throws(() => read.rows("t"), /has no rowid/);
  });

  it("yields the rows before a damaged page, and names the page", async () => {
    using scratch = new Scratch();
    scratch.run(`PRAGMA page_size = 512; CREATE TABLE t (a);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
      INSERT INTO t SELECT i FROM n;`);
    const bytes = readFileSync(scratch.path);
    bytes.fill(0xee, 512 * 6, 512 * 7);
    const read = await openSqlite(memory(bytes));
    const rows: SqliteRow[] = [];
    const reading = (async (): Promise<void> => {
      for await (const row of read.rows("t")) rows.push(row);
    })();
    await assert.rejects(reading, /page 7 of the SQLite database/);
    assert.ok(rows.length > 50 && rows.length < 450);
    rows.forEach((row, index) => assert.equal(row.get("a"), index + 1));
  });

  it("does not go around in circles of pages", async () => {
    using scratch = new Scratch();
    scratch.run(`PRAGMA page_size = 512; CREATE TABLE t (a); CREATE TABLE long (a);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
      INSERT INTO t SELECT i FROM n; INSERT INTO long VALUES (zeroblob(3000));`);
    const bytes = readFileSync(scratch.path);
    const root = (name: string): number =>
      Number(
        scratch.database.prepare("SELECT rootpage FROM sqlite_master WHERE name = ?").get(name)
          ?.["rootpage"],
      );
    const page = (number: number): number => (number - 1) * 512;
    // The rightmost child of the root becomes the root itself.
    bytes.writeUInt32BE(root("t"), page(root("t")) + 8);
    const cell = page(root("long")) + bytes.readUInt16BE(page(root("long")) + 8);
    const overflow = bytes.readUInt32BE(page(root("long")) + 508);
    assert.ok(cell > 0 && overflow > 2);
    bytes.writeUInt32BE(overflow, page(overflow));
    const read = await openSqlite(memory(bytes));
    const rows = await rowsOf(read.rows("t"));
    assert.ok(rows.length > 300 && rows.length < 500);
    await assert.rejects(rowsOf(read.rows("long")), /overflow pages end early/);
  });

  it("ends, with or without a SourceError, whatever byte is changed", async () => {
    using scratch = new Scratch();
    scratch.run(`PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, a);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
      INSERT INTO t SELECT i, printf('%.*c', i * 20, 'x') FROM n;`);
    const whole = readFileSync(scratch.path);
    for (let at = 0; at < whole.length; at += at < 130 ? 1 : 61) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (at % 2 === 0 ? 0xff : 0x01);
      await readAll(bytes);
      await readAll(whole.subarray(0, at));
    }
  });
});

async function readAll(bytes: Uint8Array): Promise<void> {
  try {
    const read = await openSqlite(memory(bytes));
    for (const name of read.tables.keys()) await rowsOf(read.rows(name));
  } catch (error) {
    assert.ok(error instanceof SourceError, `${error instanceof Error ? error.stack : error}`);
  }
}
