/** That the score notices what is missing, changed or made up. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { LosslessObject, LosslessValue } from "../../src/codec/lossless_json.ts";
import { arrived, scoreRun } from "./arrival.ts";
import { cases } from "./fixture_case.ts";
import { Scorecard } from "./scorecard.ts";
import type { ScoredRun } from "./scored_run.ts";
import type { StoredRun } from "./stored_run.ts";

/** A run of which one thing is not as it should be. */
interface Spoiled {
  /** The kind that must lose by it. */
  readonly kind: string;
  readonly what: string;
  spoil(stored: StoredRun): StoredRun;
}

type Points<Point> = ReadonlyMap<string, ReadonlyMap<string, Point>>;

function withPoint<Point>(
  all: Points<Point>,
  key: string,
  step: string,
  point?: Point,
): Points<Point> {
  const steps = new Map(all.get(key));
  if (point === undefined) steps.delete(step);
  else steps.set(step, point);
  return new Map(all).set(key, steps);
}

function withCard(stored: StoredRun, fields: LosslessObject): StoredRun {
  return { ...stored, card: { ...stored.card as LosslessObject, ...fields } };
}

function withConfig(stored: StoredRun, key: string, value: LosslessValue): StoredRun {
  const { profile } = stored.card as { readonly profile: LosslessObject };
  const config = { ...profile["config"] as LosslessObject, [key]: { value } };
  return withCard(stored, { profile: { ...profile, config } });
}

function withItem(stored: StoredRun, key: string, step: string, text: string): StoredRun {
  const items = stored.media.get(key)?.get(step) ?? [];
  const [first] = items;
  assert.ok(first !== undefined);
  const changed = { ...first, bytes: Buffer.from(text), text };
  return { ...stored, media: withPoint(stored.media, key, step, [changed, ...items.slice(1)]) };
}

function withoutCaptions(stored: StoredRun, key: string, step: string): StoredRun {
  const items = stored.media.get(key)?.get(step) ?? [];
  const plain = items.map((item) => ({ ...item, caption: undefined }));
  return { ...stored, media: withPoint(stored.media, key, step, plain) };
}

const basic: readonly Spoiled[] = [
  {
    kind: "scalars",
    what: "a point is missing",
    spoil: (run) => ({ ...run, scalars: withPoint(run.scalars, "loss", "2") }),
  },
  {
    kind: "scalars",
    what: "a value is off by the last digit",
    spoil: (run) => ({
      ...run,
      scalars: withPoint(run.scalars, "acc", "2", { value: 0.788723351135513, time: 0 }),
    }),
  },
  {
    kind: "times",
    what: "a point is of another time",
    spoil: (run) => ({
      ...run,
      scalars: withPoint(run.scalars, "loss", "2", { value: 0.398493, time: 1 }),
    }),
  },
  {
    kind: "no invention",
    what: "a point is made up",
    spoil: (run) => ({
      ...run,
      scalars: withPoint(run.scalars, "loss", "5", { value: 1, time: 0 }),
    }),
  },
  {
    kind: "no invention",
    what: "a key is made up",
    spoil: (run) => ({
      ...run,
      columns: new Map(run.columns).set("img.width", { key: "img.width", type: "FLOAT" }),
    }),
  },
  {
    kind: "x axes",
    what: "an x axis is missing",
    spoil: (run) => ({
      ...run,
      columns: new Map(run.columns).set("val/loss", { type: "FLOAT", sectionName: "val" }),
    }),
  },
  {
    kind: "monitoring",
    what: "a sample is missing",
    spoil: (run) => ({ ...run, scalars: withPoint(run.scalars, "__swanlab__.mem.pct", "0") }),
  },
  {
    kind: "console",
    what: "a line is missing",
    spoil: (run) => ({ ...run, lines: run.lines.toSpliced(3, 1) }),
  },
  {
    kind: "alerts",
    what: "an alert is missing",
    spoil: (run) => ({ ...run, lines: run.lines.slice(0, -1) }),
  },
  {
    kind: "saved files",
    what: "a saved file is empty",
    spoil: (run) => ({
      ...run,
      files: new Map(run.files).set("notes.txt", { sha256: "", bytes: new Uint8Array() }),
    }),
  },
  { kind: "config", what: "a value differs", spoil: (run) => withConfig(run, "lr", 0.1) },
  { kind: "config", what: "a value is made up", spoil: (run) => withConfig(run, "more", 1) },
  { kind: "summary", what: "it is empty", spoil: (run) => withConfig(run, "wandb.summary", {}) },
  { kind: "identity", what: "tags are missing", spoil: (run) => withCard(run, { labels: [] }) },
  { kind: "state", what: "it runs", spoil: (run) => withCard(run, { state: "RUNNING" }) },
];

const media: readonly Spoiled[] = [
  {
    kind: "media",
    what: "an item is missing",
    spoil: (run) => ({ ...run, media: withPoint(run.media, "clip", "7", []) }),
  },
  {
    kind: "media",
    what: "a file differs",
    spoil: (run) => withItem(run, "audio/tone", "5", "RIFF"),
  },
  { kind: "media", what: "a picture differs", spoil: (run) => withItem(run, "boxed", "4", "PNG") },
  {
    kind: "captions",
    what: "captions are missing",
    spoil: (run) => withoutCaptions(run, "images [list]*", "2"),
  },
  { kind: "tables", what: "a table is empty", spoil: (run) => withItem(run, "table", "18", "{}") },
  { kind: "charts", what: "a chart is empty", spoil: (run) => withItem(run, "chart", "20", "{}") },
];

/** The kinds that lose something. */
function losers(run: ScoredRun): readonly string[] {
  const card = new Scorecard();
  scoreRun(run, card);
  return [...card.marks].filter(([, { right, total }]) => right < total).map(([kind]) => kind);
}

for (const [name, table] of [["0.31.0/basic", basic], ["0.31.0/media", media]] as const) {
  test(`${name}: whatever is wrong with it costs points`, async () => {
    const run = await arrived(cases.get(name) ?? [], new Scorecard());
    assert.deepEqual(losers(run), []);
    for (const { kind, what, spoil } of table) {
      const spoiled = losers({ ...run, stored: spoil(run.stored) });
      assert.ok(spoiled.includes(kind), `${kind}: ${what}, but only ${spoiled} lost`);
    }
  });
}
