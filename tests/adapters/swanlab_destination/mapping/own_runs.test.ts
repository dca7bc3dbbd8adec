import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type OracleLine, oracleLines } from "../../swanlab/fixture_runs.ts";
import { integerOf, milliseconds } from "../../swanlab/oracle_records.ts";
import { held, mapFixture, mapMade, mapOnly, type Mapped } from "./mapped.ts";

/**
 * Runs of SwanLab's own against what its client reads in them, which is what it uploads. Runs with
 * points that are there twice or steps that start anew are left to the tests of the source.
 */
const runs = ["0.10.3", "0.9.7", "0.8.5", "0.7.20", "0.6.8"]
  .flatMap((version) =>
    ["basic", "media", "values", "system", "failed"].map((name) => `${version}/${name}`)
  )
  .concat("0.10.3/define")
  .filter((run) => oracleLines(`tests/fixtures/swanlab/${run}`).length > 0);

function recordsOf(run: string): readonly OracleLine[] {
  return oracleLines(`tests/fixtures/swanlab/${run}`)
    .flatMap(({ record }) => record === undefined ? [] : [record]);
}

/** What the older client uploads of a record, or what the newer one does. */
type Upload = (record: OracleLine) => readonly unknown[] | undefined;

const columnTypes: { readonly [name: string]: string } = { SCALAR: "FLOAT" };

const column: Upload = ({ column, model_type: model, data }) => {
  if (column !== undefined) {
    const { column_key: key, column_type: name = "", section_name: section } = column;
    const type = name.replace("COLUMN_TYPE_", "");
    const system = column.column_class === "COLUMN_CLASS_SYSTEM";
    return [key, columnTypes[type] ?? type, system, section, column.x_axis, column.hidden];
  }
  if (model !== "Column") return undefined;
  const { key, column_type: type, cls, section_name: section } = data;
  return [key, type, cls === "SYSTEM", section ?? undefined, undefined, undefined];
};

const scalar: Upload = ({ scalar, model_type: model, data }) => {
  if (scalar !== undefined) {
    const value = Number(String(scalar.value.number ?? 0));
    const step = Number(integerOf(scalar.step));
    return [scalar.key, step, milliseconds(scalar.timestamp), value];
  }
  if (model !== "Scalar") return undefined;
  const { key, metric: { index, data: value, create_time: time } } = data;
  const number = value === "INF" ? Infinity : Number(value);
  return [key, Number(integerOf(index)), milliseconds(time), number];
};

const media: Upload = ({ media, model_type: model, data }) => {
  if (media !== undefined) {
    const kind = media.type.replace("COLUMN_TYPE_", "").toLowerCase();
    const items = media.value.items as readonly OracleLine[];
    return [
      media.key,
      Number(media.step ?? 0),
      milliseconds(media.timestamp),
      items.map(({ filename }) => `media/${kind}/${filename}`),
      items.map(({ caption }) => caption),
    ];
  }
  if (model !== "Media") return undefined;
  const { key, key_encoded: encoded, buffers_name: files, metric } = data;
  const values = metric.data as readonly string[];
  return [
    key,
    metric.index,
    milliseconds(metric.create_time),
    values.map((value) => files === null ? value : `${encoded}/${value}`),
    values.map((_, at) => metric.more?.[at]?.caption),
  ];
};

const line: Upload = ({ log, model_type: model, data }) => {
  if (log !== undefined) {
    return ["INFO", log.line ?? "", Number(log.epoch), milliseconds(log.timestamp)];
  }
  if (model !== "Log") return undefined;
  return [data.level, data.message, data.epoch, milliseconds(data.create_time)];
};

/** Rows in an order of their own, for what has no order between keys. */
function sorted(rows: readonly (readonly unknown[] | undefined)[]): readonly string[] {
  return rows.filter((row) => row !== undefined)
    .map((row) =>
      row.map((value) => typeof value === "number" ? `${value}` : JSON.stringify(value)).join(" ")
    )
    .sort();
}

test("columns, points, media and lines are what the client reads in the same run", async () => {
  assert.ok(runs.length >= 20);
  for (const run of runs) {
    const records = recordsOf(run);
    const mapped = await mapOnly(`swanlab/${run}`);
    const all = [...mapped.columns.values()];
    const columns = all.map(({ column: { key, type, system, section, xAxis, hidden } }) => [
      ...[key, type, system, section, xAxis, hidden],
    ]);
    assert.deepEqual(sorted(columns), sorted(records.map(column)), run);
    const points = all.flatMap(({ column: { key }, points }) =>
      points.map(({ step, time, value }) => [key, step, time, value])
    );
    assert.deepEqual(sorted(points), sorted(records.map(scalar)), run);
    const items = all.flatMap(({ column: { key }, media }) =>
      media.map(({ step, time, items }) => [
        key,
        step,
        time,
        items.map(({ path, text }) => path ?? text),
        items.map(({ caption }) => caption),
      ])
    );
    assert.deepEqual(sorted(items), sorted(records.map(media)), run);
    const lines = mapped.logs.filter(({ level }) =>
      level !== "ERROR" || records.every(({ finish }) => finish === undefined)
    )
      .map(({ level, message, epoch, time }) => [level, message, epoch, time]);
    assert.deepEqual(sorted(lines), sorted(records.map(line)), run);
    assert.deepEqual(mapped.losses, []);
  }
});

test("media of SwanLab arrive byte for byte", async () => {
  for (const version of ["0.10.3", "0.7.20", "0.6.4", "0.4.12"]) {
    for (const mapped of await mapFixture(`tests/fixtures/swanlab/${version}/media`)) {
      const contents = [...mapped.columns.values()].flatMap(({ media }) =>
        media.flatMap(({ items }) => items.flatMap(({ content }) => content ?? []))
      );
      assert.ok(contents.length > 5);
      for (const content of contents) {
        assert.ok("file" in content && content.convert === undefined);
        assert.ok(mapped.bytes(content) !== undefined);
      }
    }
  }
});

test("in paths of older logs all of the key is encoded but letters, digits and _.-~", () => {
  const file = { path: "media/0/image-step0-00.png" };
  const { columns } = mapMade(
    [{ type: "media", step: 0, key: "a/b c'(d)*!~é.-_", kind: "image", items: [{ file }] }],
    { writer: { tracker: "swanlab", format: "G2 v1" } },
  );
  const [{ media } = { media: [] }] = [...columns.values()];
  assert.equal(
    media[0]?.items[0]?.path,
    "a%2Fb%20c%27%28d%29%2A%21~%C3%A9.-_/image-step0-00.png",
  );
});

test("the text of a crash is one line of the level ERROR behind the others, once", async () => {
  for (const run of ["0.10.3/failed", "0.9.7/failed", "0.7.20/failed"]) {
    const { logs, ending } = await mapOnly(`swanlab/${run}`);
    const errors = logs.filter(({ level }) => level === "ERROR");
    assert.equal(errors.length, 1, run);
    assert.match(errors[0]?.message ?? "", /synthetic failure ✓ in step 12/);
    assert.equal(errors[0]?.epoch, Math.max(...logs.map(({ epoch }) => epoch)), run);
    assert.equal(ending?.state, "CRASHED");
  }
});

test("who the run is, its colour and its end are as recorded", async () => {
  const { identity, ending } = await mapOnly("swanlab/0.10.3/basic");
  const [start] = recordsOf("0.10.3/basic").flatMap(({ start }) => start ?? []);
  const [finish] = recordsOf("0.10.3/basic").flatMap(({ finish }) => finish ?? []);
  assert.deepEqual(identity, {
    name: start.name,
    description: start.description,
    group: start.group,
    jobType: start.job_type,
    labels: start.tags,
    colors: [start.color, start.color],
  });
  assert.deepEqual(ending, { state: "FINISHED", time: milliseconds(finish.finished_at) });
});

/** A file of the run directory as JSON. */
function fileOf({ info }: Mapped, name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(info.path, "files", name), "utf8"));
}

test("the metadata are the recorded ones, and where the run came from", async () => {
  for (const run of ["0.10.3/basic", "0.7.20/basic"]) {
    const mapped = await mapOnly(`swanlab/${run}`);
    const { runferry, ...rest } = mapped.profile.metadata as Record<
      string,
      Record<string, unknown>
    >;
    assert.deepEqual(rest, fileOf(mapped, "swanlab-metadata.json"), run);
    assert.equal(runferry?.["directory"], mapped.info.directory);
    assert.equal(runferry?.["source"], "swanlab");
    assert.equal(runferry?.["workspace"], "demo-team");
    const requirements = readFileSync(join(mapped.info.path, "files/requirements.txt"), "utf8");
    assert.equal(mapped.profile.requirements, requirements, run);
  }
});

test("a key that the client refused has its column with the reason, and no points", async () => {
  const { column, points } = held(await mapOnly("swanlab/0.7.20/values"), "weird0");
  assert.deepEqual(column.error, { data_class: "str", excepted: "float" });
  assert.deepEqual(points, []);
});

test("columns of monitoring keep their names, colours, ranges and charts", async () => {
  const { column } = held(await mapOnly("swanlab/0.7.20/system"), "__swanlab__.disk.read");
  const { chartIndex, ...chart } = column.chart ?? {};
  assert.equal(typeof chartIndex, "string");
  assert.deepEqual({ ...column, chart }, {
    key: "__swanlab__.disk.read",
    type: "FLOAT",
    system: true,
    name: "MB read from disk",
    colors: ["#528d59", "#528d59"],
    range: [0, null],
    chart: {
      chartName: "Disk I/O Utilization (MB)",
      metricName: "read",
      sectionType: "system",
    },
  });
});

test("files that were saved keep their names", async () => {
  const { files } = await mapOnly("swanlab/0.10.3/save");
  assert.deepEqual([...new Set(files.map(({ path }) => path))], [
    "src/notes.txt",
    "sub dir/モデル.bin",
    "config.yaml",
    "end.txt",
    "live.txt",
    "empty.dat",
  ]);
});

test("a run that was cut short is crashed, without a time", async () => {
  for (const run of ["swanlab/0.10.3/crash", "swanlab/0.7.20/crash", "wandb/0.31.0/crash"]) {
    const { ending } = await mapOnly(run);
    assert.deepEqual(ending, { state: "CRASHED" }, run);
  }
});
