import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { differences, unorderedDifferences } from "./differences.ts";
import { type Atom, atomsOf, unjoinedRows } from "./event_atoms.ts";
import {
  fixtureCases,
  type OracleLine,
  oracleLines,
  type ReadRun,
  readRun,
  runsBelow,
  textOf,
} from "./fixture_runs.ts";
import { expectedAtoms, milliseconds } from "./oracle_records.ts";

/** Events that do not come from records of the log. */
const besides = new Set(["run", "config", "environment", "gap", "unknown"]);

/** Takes out what the log does not tell: where files lie, and the content of text files. */
function comparable(atom: Atom): Atom {
  if (atom["type"] === "file") {
    const { file: _, purpose: __, ...rest } = atom;
    return rest;
  }
  if (atom["type"] !== "media") return atom;
  const items = (atom["items"] as Atom[]).map((item) => {
    if (item["file"] === undefined) return item;
    const { text: _, ...rest } = item;
    return rest;
  });
  return { ...atom, items };
}

/** Files without a record come at the end, without a time. */
function isExtra(atom: Atom): boolean {
  return atom["type"] === "file" && atom["time"] === undefined;
}

function logAtoms({ events }: ReadRun): readonly Atom[] {
  return atomsOf(events).filter((atom) => !besides.has(atom["type"] as string) && !isExtra(atom))
    .map(comparable);
}

for (const { version, name, folder } of fixtureCases()) {
  const lines = oracleLines(folder);
  const runs = [...new Set(lines.flatMap(({ run }) => run === undefined ? [] : [run]))];
  if (runs.length === 0) continue;
  const interleaved = name.startsWith("threads");

  test(`${version} ${name}: events are the records, one by one and in their order`, async () => {
    const refs = await runsBelow(folder);
    assert.deepEqual(refs.map(({ path }) => basename(path)), runs);
    for (const ref of refs) {
      const read = await readRun(ref);
      const own = lines.filter(({ run }) => run === basename(ref.path));
      const expected = expectedAtoms(own, version);
      const actual = logAtoms(read);
      if (interleaved) {
        // A record interrupted by another one is placed by its end here, by its beginning there.
        const missing = missingInLog(own, folder, expected);
        assert.deepEqual(unorderedDifferences(actual, [...expected, ...missing]), []);
      } else assert.deepEqual(differences(actual, expected), []);
      assert.deepEqual(unjoinedRows(read.events), []);
      assert.deepEqual(read.events.map(({ seq }) => seq), [...read.events.keys()]);
      assert.equal(read.tail !== undefined, name === "crash");
      assert.equal(read.events.some(({ type }) => type === "gap"), interleaved);
    }
  });

  test(`${version} ${name}: the first event is who the run is`, async () => {
    for (const ref of await runsBelow(folder)) {
      const { events: [first], info } = await readRun(ref);
      const own = lines.filter(({ run }) => run === basename(ref.path));
      assert.equal(first?.type, "run");
      const { type: _, seq: __, host, ...rest } = first;
      assert.equal(host, "node-a");
      assert.deepEqual(rest, expectedIdentity(own, ref.path));
      assert.equal(info.id, rest.id);
      assert.equal(info.name, rest.name);
      assert.equal(info.startedAt, rest.startedAt);
    }
  });
}

/** Points of the local mode's files that no record of the damaged log has. */
function missingInLog(
  own: readonly OracleLine[],
  folder: string,
  expected: readonly Atom[],
): readonly Atom[] {
  const all = oracleText(folder);
  const owners = new Map<string, Set<string>>();
  const claim = (folder: string, key: string): void => {
    owners.set(folder, new Set([...owners.get(folder) ?? [], key]));
  };
  for (const { table, row } of all) if (table === "tag") claim(row.folder, row.name);
  for (const { record } of own) {
    if (record?.model_type === "Column") claim(record.data.kid, record.data.key);
  }
  return all.flatMap(({ file, json }) => {
    if (json?.index === undefined) return [];
    const [key, ...others] = owners.get(file.split("/").at(-2)) ?? [];
    // The client gave one folder to two keys: whose points these are is lost.
    if (others.length > 0) return [];
    const point = { type: "history", step: json.index, key };
    const known = expected.some((atom) =>
      atom["key"] === key && atom["step"] === point.step && "value" in atom
    );
    if (known) return [];
    const time = milliseconds(json.create_time);
    const type = `${key}`.startsWith("__swanlab__.") ? "system" : "history";
    return [{ ...point, type, time, value: json.data }];
  });
}

/** The official reader's dump, where that of the local mode's files stands too. */
function oracleText(folder: string): readonly OracleLine[] {
  const text = textOf(join(folder, "records.jsonl")) ?? "";
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function expectedIdentity(lines: readonly OracleLine[], path: string): Atom {
  const metadata = JSON.parse(
    readFileSync(join(path, "files", "swanlab-metadata.json"), "utf8"),
  );
  const version = metadata.swanlab?.version;
  const writer = (format: string): Atom => ({
    tracker: "swanlab",
    ...(version === undefined ? {} : { version }),
    format,
  });
  const records = lines.map(({ record }) => record).filter((record) => record !== undefined);
  const start = records.find((record) => record.start !== undefined)?.start;
  if (start !== undefined) {
    const { job_type: jobType, started_at: startedAt, resume, ...rest } = start;
    const isCandidate = path.includes("/0.8.0rc1/");
    return {
      time: milliseconds(startedAt),
      startedAt: milliseconds(startedAt),
      jobType,
      ...(resume === undefined ? {} : { resumed: true }),
      ...rest,
      writer: writer(isCandidate ? "G3 v1" : "G3 v2"),
    };
  }
  const model = (name: string): OracleLine =>
    records.find(({ model_type }) => model_type === name)?.data;
  const { colors, ...experiment } = model("Experiment");
  const { name: project, workspace } = model("Project");
  const startedAt = milliseconds(model("Header").create_time);
  const hasId = experiment.id !== undefined;
  return {
    time: startedAt,
    startedAt,
    project,
    ...(workspace === null ? {} : { workspace }),
    id: basename(path),
    ...experiment,
    ...(colors === undefined ? {} : { color: colors }),
    writer: writer(hasId ? "G2 v1" : "G2 v0"),
  };
}
