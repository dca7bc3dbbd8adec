/** Media, saved files and artifacts: their content by SHA-256, and nothing outside the run. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RunReader } from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import type { ArtifactEntry, MediaEvent, MediaItem, RunEvent } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { fileRefs } from "../../../src/model/file_refs.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import {
  eventsOf,
  type FixtureRun,
  fixtureRuns,
  ofType,
  readRun,
  withRun,
} from "./fixture_runs.ts";
import { historyRecord, logOf, record, runRecord } from "./made_log.ts";
import { decoded, mediaIds } from "./truth_values.ts";

async function digest(reader: RunReader, ref: FileRef): Promise<string> {
  const bytes = await new Response(await reader.file(ref)).bytes();
  if (ref.bytes !== undefined) assert.equal(bytes.length, ref.bytes, ref.path);
  return createHash("sha256").update(bytes).digest("hex");
}

function kindOf(logged: JsonObject): string {
  const kind = logged["kind"] as string;
  const own: { readonly [kind: string]: string } = {
    object3D: "object3d",
    incremental_table: "table",
    custom_chart: "table",
  };
  return own[kind] ?? kind;
}

/** The items that stand for what was logged, without boxes and masks. */
function ownItems(event: MediaEvent): readonly MediaItem[] {
  return event.items.filter(({ data }) => !(data instanceof Object && "layer" in data));
}

async function checkItem(reader: RunReader, item: MediaItem, logged: JsonObject): Promise<void> {
  // The oldest clients do not write the caption of a molecule.
  const isForgotten = logged["kind"] === "molecule" && item.caption === undefined;
  if ("caption" in logged && !isForgotten) {
    assert.equal(item.caption, logged["caption"] ?? undefined);
  }
  const data = (item.data ?? {}) as JsonObject;
  if (logged["kind"] === "image") {
    assert.equal(data["width"], logged["width"]);
    assert.equal(data["height"], logged["height"]);
  }
  if (logged["kind"] === "histogram") {
    const total = (values: Json | undefined): number =>
      (values as number[]).reduce((sum, value) => sum + value, 0);
    const { values, bins } = decoded(logged) as JsonObject;
    const size = values === undefined ? (logged["data"] as Json[]).length : total(values);
    assert.equal(total(data["values"]), size);
    assert.equal((data["bins"] as Json[]).length, (data["values"] as Json[]).length + 1);
    if (bins !== undefined) assert.deepEqual([data["values"], data["bins"]], [values, bins]);
    return;
  }
  assert.ok(item.file, "it has a file");
  const found = await digest(reader, item.file);
  if (item.file.sha256 !== undefined) assert.equal(found, item.file.sha256);
  if (logged["byte_identical"] === true) assert.equal(found, logged["source_sha256"]);
}

interface Logged {
  readonly key: string;
  readonly step: number;
  readonly ids: readonly string[];
}

/** Every media value that a run logged. */
function mediaLogged(run: FixtureRun): readonly Logged[] {
  return (run.truth["rows"] as readonly JsonObject[]).flatMap(({ step, data }) =>
    Object.entries(data as JsonObject).flatMap(([key, value]): readonly Logged[] => {
      const ids = mediaIds(value);
      if (ids.length > 0) return [{ key, step: step as number, ids }];
      if (!(value instanceof Object)) return [];
      return Object.entries(value).filter(([, inner]) => mediaIds(inner).length > 0)
        .map(([name, inner]) => ({
          key: `${key}.${name}`,
          step: step as number,
          ids: mediaIds(inner),
        }));
    })
  );
}

async function checkLayers(
  reader: RunReader,
  event: MediaEvent,
  logged: JsonObject,
): Promise<void> {
  const layers = event.items.filter((item) => !ownItems(event).includes(item));
  const byName = new Map(layers.map((item) => [(item.data as JsonObject)["name"], item]));
  assert.deepEqual([...byName.keys()].sort(), ["predictions", "truth"]);
  const boxes = byName.get("predictions");
  const mask = byName.get("truth");
  const labels = (item: MediaItem | undefined): Json | undefined =>
    (item?.data as JsonObject)["labels"];
  const drawn = (logged["boxes"] as JsonObject)["predictions"] as JsonObject;
  assert.deepEqual(labels(boxes), drawn["class_labels"]);
  assert.deepEqual(labels(mask), (logged["mask"] as JsonObject)["class_labels"]);
  assert.ok(boxes?.file && mask?.file);
  const content = await new Response(await reader.file(boxes.file)).json() as JsonObject;
  const told = (box: Json): readonly unknown[] => {
    const { position, class_id, scores } = box as JsonObject;
    return [position, class_id, scores];
  };
  const found = content["box_data"] as readonly Json[];
  assert.deepEqual(found.map(told), (drawn["box_data"] as readonly Json[]).map(told));
  await digest(reader, mask.file);
}

for (const run of fixtureRuns.filter(({ name }) => name.endsWith("/media"))) {
  test(`${run.name}: every media value has its captions and the bytes that were logged`, async () => {
    const all = run.truth["media"] as JsonObject;
    await withRun(run.path, async (reader) => {
      const media = ofType(await eventsOf(reader), "media");
      const wanted = mediaLogged(run);
      assert.ok(wanted.length > 15);
      assert.equal(media.length, wanted.length);
      for (const { key, step, ids } of wanted) {
        const logged = ids.map((id) => all[id] as JsonObject);
        const name = logged[0]?.["kind"] === "custom_chart" ? `${key}_table` : key;
        const event = media.find((candidate) => candidate.key === name && candidate.step === step);
        assert.ok(event, `${name} at ${step}`);
        assert.equal(event.kind, kindOf(logged[0] ?? {}));
        const items = ownItems(event);
        assert.equal(items.length, logged.length, name);
        for (const [index, item] of items.entries()) {
          await checkItem(reader, item, logged[index] ?? {});
        }
        if (logged[0]?.["boxes"] !== undefined) await checkLayers(reader, event, logged[0]);
        else assert.equal(items.length, event.items.length);
      }
    });
  });
}

test("every file that an event of a fixture names inside the run is there", async () => {
  let seen = 0;
  for (const run of fixtureRuns) {
    await withRun(run.path, async (reader) => {
      for (const event of await eventsOf(reader)) {
        for (const ref of fileRefs(event)) {
          if (event.type === "artifact") continue;
          await digest(reader, ref);
          seen++;
        }
      }
    });
  }
  assert.ok(seen > 400, `${seen} files`);
});

for (
  const run of fixtureRuns.filter(({ truth }) =>
    ((truth["saved_files"] ?? []) as Json[]).length > 0
  )
) {
  test(`${run.name}: saved files and code are there, byte for byte`, async () => {
    await withRun(run.path, async (reader) => {
      const files = ofType(await eventsOf(reader), "file");
      for (const { path, sha256 } of run.truth["saved_files"] as readonly JsonObject[]) {
        const found = files.filter(({ name }) => name === path);
        assert.equal(found.length, 1, String(path));
        assert.equal(found[0]?.purpose, "saved");
        assert.equal(await digest(reader, (found[0] as (typeof files)[number]).file), sha256);
      }
      const code = files.find(({ name }) => name === "code/train.py");
      // The first Go client does not save code.
      assert.equal(code?.purpose, run.label === "0.15.10-nexus" ? undefined : "code");
    });
  });
}

/** Puts the fixture's copies where the client keeps them, below another home. */
function copies(run: FixtureRun, directory: string): { readonly [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const [kind, place] of Object.entries(run.external)) {
    const { copied_to: folder } = place as JsonObject;
    const target = kind === "cache" ? "cache/artifacts" : "data/artifacts/staging";
    cpSync(join(run.folder, folder as string), join(directory, target), { recursive: true });
    environment[kind === "cache" ? "WANDB_CACHE_DIR" : "WANDB_DATA_DIR"] = join(
      directory,
      kind === "cache" ? "cache" : "data",
    );
  }
  return environment;
}

const withArtifacts = fixtureRuns.filter(({ name }) => /\/(?:artifact|media)$/.test(name));
for (const run of withArtifacts) {
  test(`${run.name}: the copies of artifact files are found where they are now`, async () => {
    await inScratch(async (directory) => {
      const environment = copies(run, directory);
      const context = testContext({ followOutside: true, environment });
      await withRun(run.path, async (reader) => {
        const artifacts = ofType(await eventsOf(reader), "artifact");
        assert.ok(artifacts.length > 0);
        for (const { entries } of artifacts) {
          for (const { file } of entries) if (file) await digest(reader, file);
        }
        for (const made of run.truth["artifacts"] as readonly JsonObject[]) {
          const event = artifacts.find(({ name }) => name === made["name"]);
          assert.ok(event);
          assert.equal(event.direction, "output");
          assert.equal(event.kind, made["type"]);
          assert.equal(event.description, made["description"]);
          assert.deepEqual(event.aliases, made["aliases"]);
          const { _wandb: _, ...metadata } = event.metadata;
          assert.deepEqual(metadata, made["metadata"]);
          for (const [path, sha256] of Object.entries(made["files"] as JsonObject)) {
            const entry: ArtifactEntry | undefined = event.entries.find((one) => one.path === path);
            assert.ok(entry?.file, path);
            assert.equal(await digest(reader, entry.file), sha256);
          }
          for (const [path, ref] of Object.entries(made["references"] as JsonObject)) {
            assert.equal(event.entries.find((entry) => entry.path === path)?.ref, ref);
          }
        }
      }, context);
    });
  });

  test(`${run.name}: artifact files outside the run are named, not looked for and not opened`, async () => {
    await inScratch(async (directory) => {
      const context = testContext({ environment: copies(run, directory) });
      await withRun(run.path, async (reader) => {
        const refs = ofType(await eventsOf(reader), "artifact").flatMap(fileRefs);
        assert.ok(refs.length > 0);
        for (const ref of refs) {
          assert.match(ref.path, /^\/tmp\/w\//);
          await assert.rejects(reader.file(ref), SourceError);
        }
      }, context);
    });
  });
}

/** A run directory whose history has one value, and a secret beside it. */
async function withHostilePath(
  path: string,
  use: (reader: RunReader, events: readonly RunEvent[]) => Promise<void>,
): Promise<void> {
  await inScratch(async (directory) => {
    writeFileSync(join(directory, "secret"), "secret");
    const run = join(directory, "offline-run-20240101_000000-evil");
    mkdirSync(join(run, "files"), { recursive: true });
    symlinkSync(join(directory, "secret"), join(run, "files", "link"));
    const value = JSON.stringify({ _type: "image-file", path, size: 6 });
    const log = logOf([
      runRecord({ id: "evil" }),
      historyRecord([[["img"], value], [["_step"], "0"]]),
      record(6, { 1: { 1: path } }),
    ]);
    writeFileSync(join(run, "run-evil.wandb"), log);
    await withRun(run, async (reader) => await use(reader, await eventsOf(reader)));
  });
}

for (const path of ["/etc/passwd", "../../secret", "..", "link", "a/../../../secret", "x\0y", ""]) {
  test(`a record that points to ${JSON.stringify(path)} opens nothing outside`, async () => {
    await withHostilePath(path, async (reader, events) => {
      for (const ref of events.flatMap(fileRefs)) {
        if (ref.path === "files/") continue;
        await assert.rejects(reader.file(ref), SourceError, ref.path);
      }
      assert.equal(ofType(events, "media").length, 1, "the value is there all the same");
    });
  });
}

test("a glob-escaped or Windows path finds its file", async () => {
  await inScratch(async (directory) => {
    const run = join(directory, "offline-run-20240101_000000-glob");
    mkdirSync(join(run, "files", "media", "images"), { recursive: true });
    for (const name of ["a[1]*.png", "plain[[]x.png", "back.png"]) {
      writeFileSync(join(run, "files", "media", "images", name), name);
    }
    const image = (path: string): string => JSON.stringify({ _type: "image-file", path });
    const log = logOf([
      runRecord({ id: "glob" }),
      historyRecord([
        [["escaped"], image("media/images/a[[]1][*].png")],
        [["literal"], image("media/images/plain[[]x.png")],
        [["windows"], image("media\\images\\back.png")],
        [["gone"], image("media/images/no[[]where.png")],
      ]),
    ]);
    writeFileSync(join(run, "run-glob.wandb"), log);
    const { events } = await readRun(run);
    const paths = ofType(events, "media").map(({ key, items }) => [key, items[0]?.file?.path]);
    assert.deepEqual(Object.fromEntries(paths), {
      escaped: "files/media/images/a[1]*.png",
      literal: "files/media/images/plain[[]x.png",
      windows: "files/media/images/back.png",
      gone: "files/media/images/no[[]where.png",
    });
    assert.deepEqual(ofType(events, "file"), [], "media are not repeated");
    assert.equal(readFileSync(join(run, "files/media/images/back.png"), "utf8"), "back.png");
  });
});

test("a recorded pattern names no file of its own, unless nothing matches it", async () => {
  await inScratch(async (directory) => {
    const run = join(directory, "offline-run-20240101_000000-glob");
    mkdirSync(join(run, "files", "sub"), { recursive: true });
    for (const name of ["one.csv", "sub/two.csv"]) writeFileSync(join(run, "files", name), name);
    const files = record(6, { 1: ["*.csv", "sub/*", "*.gone"].map((path) => ({ 1: path })) });
    writeFileSync(join(run, "run-glob.wandb"), logOf([runRecord({ id: "glob" }), files]));
    const { events } = await readRun(run);
    assert.deepEqual(ofType(events, "file").map(({ name, file }) => [name, file.bytes]), [
      ["one.csv", 7],
      ["sub/two.csv", 11],
      ["*.gone", undefined],
    ]);
  });
});
