import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fixtures, readOnly } from "./fixture_runs.ts";
import { scratchDirectories } from "./scratch_directory.ts";

const newDirectory = scratchDirectories();

/** Names, sizes, modes and times of everything below a directory. */
function listing(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).sort().map((name) => {
    const { size, mode, mtimeNs, ino } = lstatSync(join(directory, name), { bigint: true });
    return `${name} ${size} ${mode} ${mtimeNs} ${ino}`;
  });
}

function setModes(directory: string, folders: number, files: number): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    const full = join(directory, name);
    chmodSync(full, lstatSync(full).isDirectory() ? folders : files);
  }
  chmodSync(directory, folders);
}

/** A copy of a local run whose last change of the database is in its write-ahead log only. */
function withWriteAheadLog(): string {
  const swanlog = join(newDirectory(), "swanlog");
  cpSync(join(fixtures, "0.6.1", "basic", "swanlog"), swanlog, { recursive: true });
  const path = join(swanlog, "runs.swanlab");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  database.exec("UPDATE experiment SET name = 'renamed in the log', status = -1");
  // Closing would empty the log, so the files are taken as they are while it is open.
  const [main, wal] = [readFileSync(path), readFileSync(`${path}-wal`)];
  database.close();
  writeFileSync(path, main);
  writeFileSync(`${path}-wal`, wal);
  rmSync(`${path}-shm`, { force: true });
  return swanlog;
}

test("a database with a write-ahead log is read without writing a byte", async () => {
  const swanlog = withWriteAheadLog();
  assert.ok(readdirSync(swanlog).includes("runs.swanlab-wal"));
  setModes(swanlog, 0o555, 0o444);
  try {
    const before = listing(swanlog);
    const { info, events, reader } = await readOnly(swanlog);
    const stamp = await reader.stamp();
    const end = events.at(-1);
    assert.equal(info.name, "renamed in the log");
    assert.equal(end?.type === "finish" ? end.state : undefined, "failed");
    assert.equal(await reader.stamp(), stamp);
    assert.deepEqual(listing(swanlog), before);
  } finally {
    setModes(swanlog, 0o755, 0o644);
  }
});

test("without the write-ahead log the database says what it said before", async () => {
  const swanlog = withWriteAheadLog();
  rmSync(join(swanlog, "runs.swanlab-wal"));
  const { info } = await readOnly(swanlog);
  assert.equal(info.name, "basic run 01");
});

test("the stamp changes with what the database says of the run", async () => {
  const swanlog = join(newDirectory(), "swanlog");
  cpSync(join(fixtures, "0.6.1", "basic", "swanlog"), swanlog, { recursive: true });
  const { reader } = await readOnly(swanlog);
  const stamp = await reader.stamp();
  const database = new DatabaseSync(join(swanlog, "runs.swanlab"));
  database.exec("UPDATE project SET description = 'other', charts = 0");
  assert.equal(await reader.stamp(), stamp, "what is not the run's own is none of its business");
  database.exec("UPDATE experiment SET description = 'new'");
  database.close();
  assert.notEqual(await reader.stamp(), stamp);
});
