import { basename } from "node:path";
import { MalformedJson, parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { openSqlite, type SqliteDatabase, type SqliteRow } from "../../../src/codec/sqlite.ts";
import { SourceError, systemCode } from "../../../src/errors.ts";
import { type OpenFile, openFile } from "../../../src/files/byte_source.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { type Ending, given, type IdentityPart } from "./identity.ts";
import { givenSection } from "./json_column.ts";
import { asObject } from "./json_fields.ts";
import type { Declaration } from "./protobuf_column.ts";
import { parseTime, withTime } from "./timestamp.ts";

/** A key of the run, and the folder below `logs/` and `media/` that holds its data. */
export interface LocalKey {
  readonly folder: string;
  readonly declaration: Declaration;
  /** ms since epoch. */
  readonly time: number | undefined;
}

/** What the database in the parent directory knows of one run. */
export interface LocalFacts {
  readonly identity: IdentityPart;
  /** Version of the client. */
  readonly version: string | undefined;
  readonly ending: Ending | undefined;
  readonly keys: readonly LocalKey[];
}

/**
 * Reads what `runs.swanlab` says of the run directory `run`; undefined when there is no such file
 * or the run is not in it. Nothing is locked or written, and what is in the write-ahead log counts.
 * @throws {SourceError} when the database is there and cannot be read.
 */
export async function readLocalFacts(
  database: string,
  run: string,
): Promise<LocalFacts | undefined> {
  await using file = await openIfThere(database);
  if (file === undefined) return undefined;
  await using wal = await openIfThere(`${database}-wal`);
  const tables = new Tables(await openSqlite(file, wal));
  const experiment = await tables.find("experiment", (row) => {
    const id = row.get("run_id");
    // 0.6.3 has only the last part of the directory's name here.
    return typeof id === "string" && id !== "" &&
      (run === id || run.endsWith(`-${id}`));
  });
  if (experiment === undefined) return undefined;
  const project = await tables.find(
    "project",
    (row) => row.get("id") === experiment.get("project_id"),
  );
  return {
    identity: identityOf(experiment, project, run),
    version: textOf(experiment, "version"),
    ending: endingOf(experiment),
    keys: await keysOf(tables, experiment.get("id")),
  };
}

async function openIfThere(path: string): Promise<OpenFile | undefined> {
  try {
    return await openFile(path);
  } catch (error) {
    const isMissing = error instanceof SourceError &&
      systemCode(error.cause) === "ENOENT";
    if (isMissing) return undefined;
    throw error;
  }
}

/** Tables that old databases may not have. */
class Tables {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async *rows(table: string): AsyncGenerator<SqliteRow> {
    if (this.#database.tables.has(table)) yield* this.#database.rows(table);
  }

  async find(
    table: string,
    matches: (row: SqliteRow) => boolean,
  ): Promise<SqliteRow | undefined> {
    for await (const row of this.rows(table)) if (matches(row)) return row;
    return undefined;
  }

  /** The rows that match, by their value of a column. */
  async by(
    table: string,
    column: string,
    matches: (row: SqliteRow) => boolean,
  ): Promise<Map<unknown, SqliteRow>> {
    const found = new Map<unknown, SqliteRow>();
    for await (const row of this.rows(table)) {
      if (matches(row)) found.set(row.get(column), row);
    }
    return found;
  }
}

function textOf(row: SqliteRow | undefined, column: string): string | undefined {
  const value = row?.get(column);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function identityOf(
  experiment: SqliteRow,
  project: SqliteRow | undefined,
  run: string,
): IdentityPart {
  const light = textOf(experiment, "light");
  const dark = textOf(experiment, "dark");
  return given({
    id: textOf(experiment, "run_id") ?? basename(run),
    name: textOf(experiment, "name"),
    project: textOf(project, "name"),
    description: textOf(experiment, "description"),
    color: light === undefined || dark === undefined ? undefined : [light, dark],
    startedAt: parseTime(experiment.get("create_time")),
  });
}

function endingOf(experiment: SqliteRow): Ending | undefined {
  const status = experiment.get("status");
  if (status !== 1 && status !== -1) return undefined;
  return {
    ...withTime(parseTime(experiment.get("finish_time"))),
    state: status === 1 ? "finished" : "failed",
  };
}

async function keysOf(tables: Tables, run: unknown): Promise<LocalKey[]> {
  const ofRun = (row: SqliteRow): boolean => row.get("experiment_id") === run;
  const charts = await tables.by("chart", "id", ofRun);
  const sections = await tables.by("namespace", "id", ofRun);
  const displays = await tables.by(
    "display",
    "chart_id",
    (row) => charts.has(row.get("chart_id")),
  );
  const sources = await tables.by(
    "source",
    "tag_id",
    (row) => charts.has(row.get("chart_id")),
  );
  const keys: LocalKey[] = [];
  for await (const tag of tables.rows("tag")) {
    const name = tag.get("name");
    if (!ofRun(tag) || typeof name !== "string") continue;
    const source = sources.get(tag.get("id"));
    const chart = charts.get(source?.get("chart_id"));
    const display = displays.get(chart?.get("id"));
    const section = sections.get(display?.get("namespace_id"));
    keys.push({
      folder: textOf(tag, "folder") ?? encodeKey(name),
      declaration: declare(name, { tag, source, chart, section }),
      time: parseTime(tag.get("create_time")),
    });
  }
  return keys;
}

interface KeyRows {
  readonly tag: SqliteRow;
  readonly source: SqliteRow | undefined;
  readonly chart: SqliteRow | undefined;
  readonly section: SqliteRow | undefined;
}

function declare(key: string, { tag, source, chart, section }: KeyRows): Declaration {
  const type = textOf(tag, "type") ?? "default";
  const name = textOf(chart, "name");
  const config = textOf(chart, "config");
  const shown = given({
    name: name === key ? undefined : name,
    reference: textOf(chart, "reference"),
    config: config === "{}" ? undefined : config,
  });
  return {
    key,
    kind: type === "default" || type === "line" ? "scalar" : type,
    ...given({
      section: givenSection(key, textOf(section, "name")),
      error: errorOf(source),
      chart: Object.keys(shown).length === 0 ? undefined : shown,
    }),
  };
}

function errorOf(source: SqliteRow | undefined): JsonObject | undefined {
  const text = textOf(source, "error");
  if (text === undefined) return undefined;
  try {
    return asObject(parseLosslessJson(text)) ?? { error: text };
  } catch (error) {
    if (error instanceof MalformedJson) return { error: text };
    throw error;
  }
}

/** The name of a key's folder up to swanlab 0.3.13: percent-encoded, nothing taken for safe. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
