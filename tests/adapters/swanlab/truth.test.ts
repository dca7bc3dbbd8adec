import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { exactText } from "./differences.ts";
import {
  contentOf,
  fixtureCases,
  type OracleLine,
  type ReadRun,
  readRun,
  runsBelow,
} from "./fixture_runs.ts";
import {
  dropped,
  flat,
  isOdd,
  loggedNumbers,
  numberOf,
  type Rules,
  rulesOf,
} from "./logged_numbers.ts";

/** The numbers that were read, by key and step; the last one counts. */
function readNumbers({ events }: ReadRun): Map<string, unknown> {
  const read = new Map<string, unknown>();
  for (const event of events) {
    if (event.type !== "history") continue;
    for (const [key, value] of Object.entries(event.values)) {
      read.set(`${key} @ ${event.step}`, value);
    }
  }
  return read;
}

/** Runs with the part of the truth that is theirs. */
async function partsOf(folder: string): Promise<{ run: ReadRun; truth: OracleLine }[]> {
  const truth = JSON.parse(readFileSync(join(folder, "truth.json"), "utf8"));
  const parts = truth.parts ?? [truth];
  const runs = await runsBelow(folder);
  assert.equal(runs.length, parts.length);
  return await Promise.all(
    runs.map(async (ref, at) => ({
      run: await readRun(ref),
      truth: { ...parts[at], media_files: truth.media_files },
    })),
  );
}

for (const { version, name, folder } of fixtureCases()) {
  const isThreaded = name.startsWith("threads");
  const rules = rulesOf(version);

  test(`${version} ${name}: the numbers are those that the program logged`, async () => {
    for (const { run, truth } of await partsOf(folder)) {
      const logged = loggedNumbers(truth.calls, rules);
      const read = readNumbers(run);
      const isDropped = dropped[`${version} ${name}`];
      const wrong: string[] = [];
      for (const [id, value] of logged) {
        if (isOdd(id)) continue;
        const mayBeMissing = isThreaded || isDropped?.(id) === true;
        if (!read.has(id) && mayBeMissing) continue;
        if (exactText(read.get(id)) !== exactText(value)) {
          wrong.push(`${id.slice(0, 100)}: ${exactText(read.get(id))}, logged ${exactText(value)}`);
        }
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(inventedValues(run, truth, rules), []);
    }
  });

  test(`${version} ${name}: media are those that the program logged, byte for byte`, async () => {
    for (const { run, truth } of await partsOf(folder)) await checkMedia(run, truth);
  });

  test(`${version} ${name}: configuration, tags and state are the program's`, async () => {
    for (const { run, truth } of await partsOf(folder)) {
      checkConfig(run, truth, version, name);
      checkIdentity(run, truth, version);
      const state = { finished: "finished", failed: "failed", killed: undefined }[
        truth.state as "finished"
      ];
      const end = run.events.at(-1);
      assert.equal(end?.type === "finish" ? end.state : undefined, state);
      if (state === "failed" && end?.type === "finish") {
        assert.ok(end.error?.includes(truth.error.message));
      }
    }
  });

  // Lines of several threads come in any order, and some frames are destroyed.
  if (isThreaded) continue;
  test(`${version} ${name}: every line that the program printed is there, in order`, async () => {
    for (const { run, truth } of await partsOf(folder)) checkConsole(run, truth);
  });
}

/** Values read that the program never logged under their key, whatever the step. */
function inventedValues(
  { events }: ReadRun,
  { calls, defines }: OracleLine,
  rules: Rules,
): readonly string[] {
  const logged = new Set<string>();
  for (const { data } of calls) {
    for (const [name, value] of flat(data, rules.separator)) {
      const stripped = rules.stripsEdges
        ? name.trim().replace(/^[./\s]+|[./\s]+$/g, "")
        : name.trim();
      const key = stripped.slice(0, rules.longest);
      logged.add(`${key}: ${exactText(numberOf(value, rules))}`);
      // A value of another kind may become a number: "3.5", numpy's, or "inf".
      if (numberOf(value, rules) === undefined) logged.add(`${key}: odd`);
    }
  }
  const found: string[] = [];
  for (const event of events) {
    if (event.type !== "history") continue;
    for (const [key, value] of Object.entries(event.values)) {
      if (logged.has(`${key}: ${exactText(value)}`) || logged.has(`${key}: odd`)) continue;
      // define_metric injects an x axis that was never logged as 0.
      if (defines !== undefined && value === 0) continue;
      found.push(`${key} @ ${event.step}: ${exactText(value)}`);
    }
  }
  return found;
}

/** The names that a run directory's files have in the truth. */
async function checkMedia({ events, reader, ref }: ReadRun, truth: OracleLine): Promise<void> {
  const read = new Map<string, readonly { text?: string; caption?: string }[]>();
  for (const event of events) {
    if (event.type !== "media") continue;
    read.set(`${event.key} @ ${event.step}`, event.items);
    for (const { file } of event.items) {
      if (file === undefined) continue;
      const bytes = await contentOf(await reader.file(file));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      assert.deepEqual(
        truth.media_files[`${basename(ref.path)}/${file.path}`],
        { size: bytes.length, sha256 },
      );
      if (file.sha256 !== undefined) assert.equal(file.sha256, sha256);
      if (file.bytes !== undefined) assert.equal(file.bytes, bytes.length);
    }
  }
  const wrong: string[] = [];
  for (const { step, data, raised } of truth.calls) {
    if (typeof step !== "number" || raised !== undefined) continue;
    for (const [key, value] of Object.entries<OracleLine>(data)) {
      const logged = [value].flat().filter((item) => item?.$media !== undefined);
      if (logged.length === 0) continue;
      const expected = logged.map(({ $media }) => truth.media[$media]);
      const items = read.get(`${key} @ ${step}`);
      const captions = items?.map(({ caption }) => caption ?? null);
      const wanted = expected.map(({ caption }) => caption);
      if (exactText(captions) !== exactText(wanted)) {
        wrong.push(`${key} @ ${step}: ${exactText(captions)}, logged ${exactText(wanted)}`);
      }
      for (const [at, { text }] of expected.entries()) {
        if (text !== undefined) assert.equal(items?.[at]?.text, text);
      }
    }
  }
  assert.deepEqual(wrong, []);
}

function checkConfig({ events }: ReadRun, truth: OracleLine, version: string, name: string): void {
  const config = events.find((event) => event.type === "config");
  if (version === "0.7.20" && name === "save") {
    // The user's own config.yaml has taken the place of the client's.
    assert.equal(config, undefined);
    const unknown = events.find((event) => event.type === "unknown");
    assert.deepEqual(unknown?.record, "files/config.yaml");
    return;
  }
  const expected = { ...truth.config };
  const [, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  // From 0.8 on None becomes an empty map; from 0.3.28 to 0.6.1 True becomes 1.
  if (minor >= 8 && "nothing" in expected) expected.nothing = {};
  const isOne = version === "0.3.28" || (minor >= 4 && minor <= 5) || version === "0.6.1";
  if (isOne) expected.amp = 1;
  assert.deepEqual(config?.set, expected);
  assert.deepEqual(Object.keys(config?.set ?? {}), Object.keys(expected));
}

function checkIdentity({ events: [first] }: ReadRun, truth: OracleLine, version: string): void {
  assert.equal(first?.type, "run");
  const { init } = truth;
  const isLocal = first.writer.format === "G1";
  const isNew = first.writer.format.startsWith("G3");
  assert.equal(first.description, init.description);
  assert.deepEqual(first.tags, isLocal ? undefined : init.tags);
  assert.equal(first.group, isNew ? init.group : undefined);
  assert.equal(first.jobType, isNew ? init.job_type : undefined);
  if (init.project !== undefined) assert.equal(first.project, init.project);
  const name = init.experiment_name ?? init.name;
  if (version === "0.2.4" || version === "0.3.9") assert.ok(first.name?.startsWith(`${name}_`));
  else assert.equal(first.name, name);
}

/** What the terminal shows at last of the text that a program wrote to one stream, line by line. */
function shownLines(writes: readonly OracleLine[], stream: string): readonly string[] {
  const text = writes.filter((write) => write.stream === stream).map((write) => write.text).join(
    "",
  );
  return text.split("\n").slice(0, -1).map((line: string) =>
    // deno-lint-ignore no-control-regex
    (line.split("\r").at(-1) ?? "").replaceAll(/\x1b\[[0-9;]*m/g, "")
  );
}

/** How a client keeps a line of a program. */
function keptLine(line: string, { writer }: ReadRun["info"]): string {
  const version = writer.version ?? "0.8.0";
  if (/^0\.(?:2\.4|3\.9)$/.test(version)) return line;
  // These two cut the last character off each line.
  if (/^0\.(?:5\.9|6\.1)$/.test(version)) return line.slice(0, -1);
  if (/^0\.[34]\./.test(version)) return line.slice(0, 500);
  // The terminal that protobuf clients imitate has no blanks at the end of a line.
  return writer.format.startsWith("G3") ? line.slice(0, 1024).trimEnd() : line.slice(0, 1024);
}

/** These clients cut a line after 500 characters, its newline too, so that the next one follows it. */
function isGlued(text: string, line: string, { writer }: ReadRun["info"]): boolean {
  return /^0\.[34]\./.test(writer.version ?? "") && line.length === 500 && text.startsWith(line);
}

function checkConsole({ events, info, tail }: ReadRun, truth: OracleLine): void {
  const format = info.writer.format;
  for (const stream of ["stdout", "stderr"]) {
    // The oldest clients keep stdout only.
    if (stream === "stderr" && /^0\.[2-4]\./.test(info.writer.version ?? "")) continue;
    const shown = format.startsWith("G2") ? stream : "stdout";
    const read = events.flatMap((event) =>
      event.type === "console" && event.stream === shown ? [event.text] : []
    );
    const expected = shownLines(truth.console, stream).filter((line) => line !== "")
      .map((line) => keptLine(line, info));
    // Each line behind the one before: the client's own lines stand between them.
    let at = 0;
    const missing = expected.filter((line) => {
      const found = read.findIndex((text, place) =>
        place >= at && (text === line || isGlued(text, line, info))
      );
      if (found >= 0) at = found + 1;
      return found < 0;
    });
    // What a killed client had not written yet.
    assert.deepEqual(tail === undefined ? missing : [], []);
    if (tail !== undefined) {
      assert.deepEqual(missing, expected.slice(expected.length - missing.length));
    }
  }
}
