import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { fixture, inScratch, run } from "./binary.ts";
import { type Line, parseLines } from "./lines.ts";

/** Folders of fixtures that nobody damaged on purpose: one for each version of each tracker. */
const whole = ["swanlab", "wandb"].flatMap((tracker) =>
  readdirSync(fixture(tracker)).filter((name) => /^\d/.test(name)).map((name) =>
    fixture(tracker, name)
  )
);

const damagedWandb = ["damaged", "damaged-shifted", "edges"].map((name) => fixture("wandb", name));

/** Unpacks the damaged SwanLab logs into run directories and returns the folder that has them. */
function unpackDamaged(scratch: string): string {
  const folder = join(scratch, "damaged");
  for (const kind of ["g2-0.7.20", "g3-0.9.7"]) {
    const root = fixture("swanlab", "damaged", kind);
    for (const entry of readdirSync(root, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const log = readdirSync(join(root, entry.name)).find((name) => name.endsWith(".gz"));
      assert.ok(log !== undefined, entry.name);
      const run = join(folder, kind, `run-20261123_080000-${entry.name}`);
      mkdirSync(run, { recursive: true });
      const bytes = gunzipSync(readFileSync(join(root, entry.name, log)));
      writeFileSync(join(run, log.replace(/\.gz$/, "")), bytes);
    }
  }
  return folder;
}

function runsOf(lines: readonly Line[]): readonly Line[] {
  return lines.filter(({ type }) => type === "run");
}

function describe({ path, status, losses, gaps, error }: Line): string {
  return JSON.stringify({ path, status, losses, gaps, error });
}

function hasLosses({ losses }: Line): boolean {
  return Array.isArray(losses) && losses.length > 0;
}

/** Whether an outcome says why it is not simply done. */
function isExplained(outcome: Line): boolean {
  const { gaps, tail, error } = outcome;
  return hasLosses(outcome) || Number(gaps) > 0 || tail !== undefined || error !== undefined;
}

test("every real run arrives, is proven to be there, and is skipped the next time", async () => {
  await inScratch(async (scratch) => {
    const archive = join(scratch, "archive");
    const first = await run(["sync", ...whole, "--to", archive, "--json"]);
    const lines = parseLines(first.stdout, "syncLine");
    const outcomes = runsOf(lines);
    assert.ok(outcomes.length > 100, `${outcomes.length} runs`);
    for (const outcome of outcomes) {
      assert.notEqual(outcome["status"], "failed", describe(outcome));
      assert.equal(outcome["assurance"], "exact", describe(outcome));
      if (outcome["status"] === "partial") assert.ok(isExplained(outcome), describe(outcome));
    }
    const partial = outcomes.filter(({ status }) => status === "partial").length;
    assert.equal(first.code, partial > 0 ? 3 : 0, first.stderr);
    const { type, runs, exit } = lines.at(-1) ?? {};
    assert.deepEqual({ type, runs, exit }, {
      type: "summary",
      runs: outcomes.length,
      exit: first.code,
    });

    const read = await run(["verify", archive, "--json"]);
    assert.equal(read.code, 0, read.stderr);
    const tars = runsOf(parseLines(read.stdout, "verifyLine"));
    assert.equal(tars.length, outcomes.length);
    assert.ok(tars.every(({ assurance }) => assurance === "exact"));

    const compared = await run(["verify", ...whole, "--to", archive, "--json"]);
    for (const outcome of runsOf(parseLines(compared.stdout, "verifyLine"))) {
      assert.equal(outcome["status"], "done", describe(outcome));
    }
    assert.equal(compared.code, 0, compared.stderr);

    // What could not be read the first time is tried again; all else is there.
    const lost = new Set(outcomes.filter(hasLosses).map(({ path }) => path));
    const again = await run(["sync", ...whole, "--to", archive, "--json"]);
    for (const outcome of runsOf(parseLines(again.stdout, "syncLine"))) {
      if (lost.has(outcome["path"])) continue;
      assert.equal(outcome["status"], "skipped", describe(outcome));
      assert.equal(outcome["sent"], 0);
    }
  });
});

test("every damaged run is ferried as far as it goes, and what is lost is named", async () => {
  await inScratch(async (scratch) => {
    const archive = join(scratch, "archive");
    const paths = [...damagedWandb, unpackDamaged(scratch)];
    const { code, stdout, stderr } = await run(["sync", ...paths, "--to", archive, "--json"]);
    assert.equal(code, 3, stderr);
    const outcomes = runsOf(parseLines(stdout, "syncLine"));
    assert.ok(outcomes.length > 60, `${outcomes.length} runs`);
    for (const outcome of outcomes) {
      assert.notEqual((outcome["error"] as Line | undefined)?.["code"], "internal");
      if (["partial", "failed"].includes(String(outcome["status"]))) {
        assert.ok(isExplained(outcome), describe(outcome));
      }
    }
    const read = await run(["verify", archive]);
    assert.equal(read.code, 0, read.stdout);
  });
});

test("ls, show and cat print what the schema says, for every run", async () => {
  const listed = await run(["ls", ...whole, ...damagedWandb, "--json"]);
  const runs = runsOf(parseLines(listed.stdout, "lsLine"));
  assert.ok(runs.length > 100, `${runs.length} runs`);
  for (const { path, events } of runs) {
    const cat = await run(["cat", String(path)]);
    assert.equal(cat.code, 0, `${path}: ${cat.stderr}`);
    const printed = parseLines(cat.stdout, "event");
    printed.forEach(({ seq }, index) => assert.equal(seq, index, String(path)));
    const counts: { [type: string]: number } = {};
    for (const { type } of printed) counts[String(type)] = (counts[String(type)] ?? 0) + 1;
    assert.deepEqual(counts, events, String(path));
    const show = await run(["show", String(path), "--json"]);
    assert.equal(show.code, 0, `${path}: ${show.stderr}`);
    assert.equal(parseLines(show.stdout, "showLine").length, 1);
  }
});
