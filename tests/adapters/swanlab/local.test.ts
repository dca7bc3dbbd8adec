import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { differences } from "./differences.ts";
import { type Atom, atomsOf } from "./event_atoms.ts";
import { fixtureCases, type OracleLine, oracleLines, readOnly } from "./fixture_runs.ts";
import { integerOf, milliseconds } from "./oracle_records.ts";

/** Fixtures of clients that leave nothing but the local mode's files. */
const cases = fixtureCases().filter(({ folder }) =>
  oracleLines(folder).every(({ run }) => run === undefined)
);

interface Tables {
  readonly [table: string]: readonly OracleLine[];
}

function tablesOf(lines: readonly OracleLine[]): Tables {
  const tables: { [table: string]: OracleLine[] } = {};
  for (const { table, row } of lines) if (table !== undefined) (tables[table] ??= []).push(row);
  return tables;
}

/** Name of the folder of a tag's data: its number, or the encoded key up to 0.3.13. */
function folderOf(tag: OracleLine): string {
  return tag.folder ?? encodeURIComponent(tag.name);
}

/** Sections that the local page shows for keys without one. */
const madeUp = ["default", "Image", "Audio", "Text", "Molecule"];

function expectedMetrics(
  { tag = [], chart = [], display = [], namespace = [], source = [] }: Tables,
): readonly Atom[] {
  return tag.map((row) => {
    const link = source.find(({ tag_id, chart_id }) =>
      tag_id === row.id && chart.find(({ id }) => id === chart_id)?.experiment_id !== null
    );
    const own = chart.find(({ id }) => id === link?.chart_id);
    const section = namespace.find(({ id }) =>
      id === display.find(({ chart_id }) => chart_id === own?.id)?.namespace_id
    )?.name;
    const given = madeUp.includes(section) && !row.name.includes("/") ? undefined : section;
    return {
      type: "metric",
      time: milliseconds(row.create_time),
      key: row.name,
      kind: ["default", "line"].includes(row.type) ? "scalar" : row.type,
      ...(given === undefined ? {} : { section: given }),
      ...(link?.error ? { error: JSON.parse(link.error) } : {}),
      ...(own === undefined ? {} : { chart: { reference: own.reference } }),
    };
  });
}

/** The points in the order in which they lie, folder after folder. */
function expectedPoints(lines: readonly OracleLine[], { tag = [] }: Tables): readonly Atom[] {
  const tags = new Map(tag.map((row) => [folderOf(row), row]));
  const points = lines.flatMap(({ file, json }): { folder: string; atom: Atom }[] => {
    if (json?.index === undefined) return [];
    const folder = file.split("/").at(-2);
    const { name: key, type } = tags.get(folder);
    const at = { time: milliseconds(json.create_time), step: integerOf(json.index), key };
    if (!Array.isArray(json.data)) {
      const value = json.data === "NaN" ? NaN : json.data === "INF" ? Infinity : json.data;
      return [{ folder, atom: { type: "history", ...at, value } }];
    }
    const items = json.data.map((value: string, item: number) => ({
      ...(type === "text" ? { text: value } : { file: { path: `media/${folder}/${value}` } }),
      ...(json.more?.[item] ? { caption: json.more[item].caption } : {}),
    }));
    return [{ folder, atom: { type: "media", ...at, kind: type, items } }];
  });
  const numbers = points.map(({ folder }) => Number(folder));
  if (numbers.some(Number.isNaN)) points.sort((a, b) => a.folder < b.folder ? -1 : 1);
  else points.sort((a, b) => Number(a.folder) - Number(b.folder));
  return points.map(({ atom }) => atom);
}

function expectedConsole(lines: readonly OracleLine[], version: string): readonly Atom[] {
  const texts = lines.filter(({ text, file }) => text !== undefined && file.includes("/console/"));
  return texts.flatMap(({ text }) => text.replace(/\n$/, "").split("\n"))
    .map((line: string, at: number) => {
      const shown = version === "0.2.4" ? line.replace(/^\d+ /, "") : line;
      // Equally long states of one line: the last one is what the terminal shows.
      return {
        type: "console",
        stream: "stdout",
        text: shown.split("\r").at(-1) ?? "",
        line: at + 1,
      };
    });
}

test("there are fixtures of the local mode alone", () => {
  assert.deepEqual(
    cases.map(({ version, name }) => `${version} ${name}`),
    [
      "0.2.4 basic",
      "0.3.28 basic",
      "0.3.9 basic",
      "0.4.12 basic",
      "0.4.12 media",
      "0.4.12 values",
      "0.4.5 basic",
      "0.5.9 basic",
      "0.5.9 media",
      "0.6.1 basic",
      "0.6.1 media",
      "0.6.1 values",
    ],
  );
});

for (const { version, name, folder } of cases) {
  const lines = oracleLines(folder);
  const tables = tablesOf(lines);
  const ofType = (atoms: readonly Atom[], ...types: string[]): readonly Atom[] =>
    atoms.filter(({ type }) => types.includes(type as string));

  test(`${version} ${name}: keys, points and terminal text are those of the files`, async () => {
    const { events, tail } = await readOnly(folder);
    const atoms = atomsOf(events);
    assert.deepEqual(differences(ofType(atoms, "metric"), expectedMetrics(tables)), []);
    const points = ofType(atoms, "history", "media", "system");
    assert.deepEqual(differences(points, expectedPoints(lines, tables)), []);
    assert.deepEqual(
      differences(ofType(atoms, "console"), expectedConsole(lines, version)),
      [],
    );
    assert.deepEqual(ofType(atoms, "gap", "unknown"), []);
    assert.equal(tail, undefined);
    assert.deepEqual(events.map(({ seq }) => seq), [...events.keys()]);
  });

  test(`${version} ${name}: who the run is and how it ended stand in the database`, async () => {
    const { events, ref, info } = await readOnly(folder);
    const [row] = tables["experiment"] ?? [];
    const startedAt = milliseconds(row.create_time);
    assert.deepEqual(events[0], {
      type: "run",
      seq: 0,
      time: startedAt,
      id: row.run_id,
      host: "node-a",
      name: row.name,
      project: tables["project"]?.[0].name,
      description: row.description,
      color: [row.light, row.dark],
      startedAt,
      writer: { tracker: "swanlab", version, format: "G1" },
    });
    assert.equal(info.id, row.run_id);
    assert.equal(info.directory, row.run_id);
    const [end] = ofType(atomsOf(events.slice(-1)), "finish");
    const time = row.finish_time === undefined ? {} : { time: milliseconds(row.finish_time) };
    assert.equal(row.status, 1);
    assert.deepEqual(end, { type: "finish", ...time, state: "finished" });
    const environment = events.find((event) => event.type === "environment");
    assert.deepEqual(
      environment?.metadata,
      JSON.parse(readFileSync(join(ref.path, "files/swanlab-metadata.json"), "utf8")),
    );
  });
}
