import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RunReader } from "../../../src/adapter.ts";
import { parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { AbsentFileError } from "../../../src/errors.ts";
import type { MediaEvent, MediaItem, RunEvent } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { isObject, type Json } from "../../../src/model/json.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import { readAll } from "../../contract/source_subject.ts";
import { eventsOf, type FixtureRun, fixtureRuns, opened, type Truth } from "./fixture_runs.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function bytesOf(reader: RunReader, ref: FileRef | undefined): Promise<Uint8Array> {
  assert.ok(ref !== undefined, "the item has a file");
  return await new Response(await reader.file(ref)).bytes();
}

/** Media that the program logged: ids in the truth, at a step and key. */
function loggedMedia(run: FixtureRun): readonly (readonly [number, string, readonly string[]])[] {
  const found: (readonly [number, string, readonly string[]])[] = [];
  const visit = (step: number, key: string, value: Truth): void => {
    if (Array.isArray(value) && value[0]?.$media !== undefined) {
      found.push([step, key, value.map((each) => each.$media)]);
    } else if (typeof value?.$media === "string") found.push([step, key, [value.$media]]);
    else if (isObject(value) && value["$numpy"] === undefined) {
      for (const [name, part] of Object.entries(value)) visit(step, `${key}.${name}`, part);
    }
  };
  for (const { step, data } of run.truth.rows) {
    for (const [key, value] of Object.entries(data)) visit(step, key, value);
  }
  return found;
}

/** Items that are media of their own, without boxes and masks. */
function mainItems(event: MediaEvent): readonly MediaItem[] {
  return event.items.filter(({ data }) => !isObject(data) || data["overlay"] === undefined);
}

/** Clients that do not write down captions of molecules. */
const withoutCaptions: readonly string[] = ["0.12.0", "0.12.10"];

async function checkItem(
  reader: RunReader,
  item: MediaItem,
  truth: Truth,
  label: string,
): Promise<void> {
  if (truth.kind === "histogram") return checkHistogram(item.data ?? null, truth);
  const bytes = await bytesOf(reader, item.file);
  if (item.file?.sha256 !== undefined) assert.equal(sha256(bytes), item.file.sha256);
  if (item.file?.bytes !== undefined) assert.equal(bytes.length, item.file.bytes);
  if (truth.byte_identical) assert.equal(sha256(bytes), truth.source_sha256);
  const lost = truth.kind === "molecule" && withoutCaptions.includes(label);
  if (truth.caption !== undefined && !lost) assert.equal(item.caption || null, truth.caption);
  const data: { readonly [key: string]: Json } = isObject(item.data) ? item.data : {};
  if (truth.width !== undefined) {
    assert.deepEqual([data["width"], data["height"]], [truth.width, truth.height]);
  }
  const text = new TextDecoder().decode(bytes);
  if (truth.text !== undefined) assert.ok(text.includes(truth.text.replace(/^<html><head>/, "")));
  if (truth.points !== undefined) assert.deepEqual(JSON.parse(text), truth.points);
  if (truth.kind === "table" || truth.kind === "custom_chart") {
    const { columns, data: rows } = parseLosslessJson(text) as Truth;
    assert.deepEqual(columns, truth.columns);
    assert.equal(rows.length, truth.data.length);
    assert.equal(JSON.stringify(rows[0]?.[0]), JSON.stringify(truth.data[0]?.[0]));
  }
  if (truth.new_rows !== undefined) {
    assert.deepEqual(JSON.parse(text), { columns: truth.columns, data: truth.new_rows });
  }
}

function checkHistogram(data: Json, truth: Truth): void {
  assert.ok(isObject(data));
  const values = data["values"] as readonly number[];
  const bins = data["bins"] as readonly number[];
  if (truth.values !== undefined) assert.deepEqual([values, bins], [truth.values, truth.bins]);
  else {
    assert.equal(values.length, truth.num_bins);
    assert.equal(bins[0], Math.min(...truth.data));
    assert.equal(bins.at(-1), Math.max(...truth.data));
    assert.equal(values.reduce((sum, value) => sum + value, 0), truth.data.length);
  }
}

for (const run of fixtureRuns.filter(({ truth }) => truth.case === "media")) {
  test(`${run.title}: every media value arrives with its bytes and captions`, async () => {
    await opened(run.directory, async (reader) => {
      const media = eventsOf(await readAll(reader), "media");
      const logged = loggedMedia(run);
      for (const [step, key, ids] of logged) {
        const truths = ids.map((id) => run.truth.media[id]);
        const name = truths[0].kind === "custom_chart" ? `${key}_table` : key;
        const [event, ...more] = media.filter((each) => each.step === step && each.key === name);
        assert.ok(event !== undefined && more.length === 0, `${step} ${name}`);
        const items = mainItems(event);
        assert.equal(items.length, ids.length, `${step} ${name}`);
        for (const [at, item] of items.entries()) {
          await checkItem(reader, item, truths[at], run.label);
        }
      }
      assert.equal(media.length, logged.length);
    });
  });

  test(`${run.title}: boxes and masks arrive beside their image`, async () => {
    await opened(run.directory, async (reader) => {
      const media = eventsOf(await readAll(reader), "media");
      const boxed = media.filter(({ key }) => key === "boxed").flatMap(({ items }) => items);
      const overlays = boxed.slice(1);
      assert.deepEqual(overlays.map(({ data }) => data), [
        { overlay: "boxes", name: "predictions", image: 0 },
        { overlay: "mask", name: "truth", image: 0 },
      ]);
      for (const { file } of overlays) {
        assert.equal(sha256(await bytesOf(reader, file)), file?.sha256);
      }
    });
  });
}

for (const run of fixtureRuns.filter(({ truth }) => truth.saved_files.length > 0)) {
  test(`${run.title}: every saved file arrives with its bytes`, async () => {
    await opened(run.directory, async (reader) => {
      const files = eventsOf(await readAll(reader), "file");
      for (const { path, sha256: digest, size } of run.truth.saved_files) {
        const [event, ...more] = files.filter(({ name }) => name === path);
        assert.ok(event !== undefined && more.length === 0, path);
        assert.equal(event.file.bytes, size);
        assert.equal(event.purpose, "saved");
        assert.equal(sha256(await bytesOf(reader, event.file)), digest);
      }
      const names = files.map(({ name, purpose }) => [name, purpose])
        .filter(([name]) => !run.truth.saved_files.some(({ path }: Truth) => path === name));
      const code = existsSync(join(run.directory, "files/code/train.py"));
      assert.deepEqual(names, code ? [["code/train.py", "code"]] : []);
    });
  });
}

/** Every file that events name, media, saved files and artifacts. */
function filesOf(events: readonly RunEvent[]): readonly FileRef[] {
  return [
    ...eventsOf(events, "media").flatMap(({ items }) => items.map(({ file }) => file)),
    ...eventsOf(events, "artifact").flatMap(({ entries }) => entries.map(({ file }) => file)),
    ...eventsOf(events, "file").map(({ file }) => file),
  ].filter((file) => file !== undefined);
}

/** The staging or cache folder of a fixture, put where a client on another machine has it. */
function restore(run: FixtureRun, directory: string): { readonly [name: string]: string } {
  for (const [name, { original }] of Object.entries(run.external)) {
    const below = original.slice(original.indexOf("/artifacts"));
    cpSync(join(run.fixture, name), join(directory, name, below), { recursive: true });
  }
  return {
    WANDB_DATA_DIR: join(directory, "staging"),
    WANDB_CACHE_DIR: join(directory, "cache"),
  };
}

for (const run of fixtureRuns.filter(({ external }) => Object.keys(external).length > 0)) {
  test(`${run.title}: content outside is found where the client keeps it now`, () =>
    inScratch(async (directory) => {
      const context = testContext({
        environment: restore(run, directory),
        followOutside: true,
      });
      await opened(run.directory, async (reader) => {
        const events = await readAll(reader);
        const found: { [path: string]: string } = {};
        for (const artifact of eventsOf(events, "artifact")) {
          for (const { path, file, bytes } of artifact.entries) {
            if (file === undefined) continue;
            const content = await bytesOf(reader, file);
            assert.equal(content.length, bytes);
            if (artifact.name === "fixture-data") found[path] = sha256(content);
          }
        }
        for (const { files } of run.truth.artifacts) assert.deepEqual(found, files);
        for (const file of filesOf(events)) await bytesOf(reader, file);
      }, context);
    }));

  test(`${run.title}: content outside is refused without leave`, () =>
    inScratch(async (directory) => {
      const context = testContext({ environment: restore(run, directory) });
      await opened(run.directory, async (reader) => {
        const outside = eventsOf(await readAll(reader), "artifact")
          .flatMap(({ entries }) =>
            entries.flatMap(({ file }) => file === undefined ? [] : [file])
          );
        assert.ok(outside.length > 0);
        for (const file of outside) {
          await assert.rejects(() => reader.file(file), AbsentFileError);
        }
      }, context);
    }));
}

for (const run of fixtureRuns.filter(({ truth }) => truth.artifacts.length > 0)) {
  test(`${run.title}: artifacts arrive with names, aliases, metadata and references`, async () => {
    await opened(run.directory, async (reader) => {
      const artifacts = eventsOf(await readAll(reader), "artifact");
      for (
        const { name, type, description, metadata, aliases, references, tags } of run.truth
          .artifacts
      ) {
        const [event] = artifacts.filter((artifact) => artifact.name === name);
        assert.ok(event !== undefined, name);
        assert.equal(event.kind, type);
        assert.equal(event.direction, "output");
        assert.equal(event.description, description);
        assert.deepEqual(event.aliases, aliases);
        assert.deepEqual(event.metadata, tags === undefined ? metadata : { ...metadata, tags });
        const addresses = event.entries.filter(({ ref }) => ref !== undefined)
          .map(({ path, ref }) => [path, ref]);
        assert.deepEqual(addresses, Object.entries(references));
      }
    });
  });
}
