/**
 * Every fixture of SwanLab on a host: the numbers, media, configuration, identity and state that its
 * program logged are there, and nothing that it did not log.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  type FixtureCase,
  fixtureCases,
  type OracleLine,
} from "../adapters/swanlab/fixture_runs.ts";
import {
  dropped,
  flat,
  isOdd,
  loggedNumbers,
  rulesOf,
} from "../adapters/swanlab/logged_numbers.ts";
import { changes, fixture, inScene, key, user } from "../adapters/swanlab_destination/scene.ts";
import { at, itemsAt, textAt } from "../interop/json_path.ts";
import { pointName } from "./scored_run.ts";
import { Scorecard } from "./scorecard.ts";
import { plainConfig, readStoredRun, sha256, type StoredRun } from "./stored_run.ts";

/** A run at a host, and the programs that logged it: several where it was resumed. */
interface Scored {
  readonly fixture: FixtureCase;
  readonly stored: StoredRun;
  readonly parts: readonly OracleLine[];
  /** All programs whose runs are in the project: columns belong to it. */
  readonly all: readonly OracleLine[];
  /** By path below the folder of logs. */
  readonly files: { readonly [path: string]: { readonly sha256: string } };
  readonly card: Scorecard;
}

function isNew({ version }: FixtureCase): boolean {
  return Number(version.split(".")[1]) >= 8;
}

function scoreNumbers({ fixture, stored, parts, card }: Scored): void {
  const { version, name } = fixture;
  const expected = new Map<string, number>();
  for (const { calls } of parts) {
    // Where a resumed program logs a step again, its value counts.
    for (const [id, value] of loggedNumbers(calls, rulesOf(version))) expected.set(id, value);
  }
  const isDropped = dropped[`${version} ${name}`];
  for (const [id, value] of expected) {
    if (isOdd(id)) continue;
    const [, key = "", step = ""] = /^(.*) @ (\d+)$/s.exec(id) ?? [];
    const found = stored.scalars.get(key)?.get(step)?.value;
    const mayBeMissing = name.startsWith("threads") || isDropped?.(id) === true;
    if (found === undefined && mayBeMissing) continue;
    const finite = Number.isFinite(value) ? value : "INF";
    card.equal("scalars", id, found, Number.isNaN(value) ? "NaN" : finite);
  }
}

function scoreKeys({ fixture, stored, all: parts, card }: Scored): void {
  const { separator, longest } = rulesOf(fixture.version);
  const names = parts.flatMap(({ calls }) =>
    calls.flatMap((call: OracleLine) => flat(call.data, separator))
  )
    .map(([name]) => name.trim())
    .flatMap((name) => [name, name.replace(/^[./\s]+|[./\s]+$/g, "")])
    .map((name) => name.slice(0, longest));
  // The newest client adds the axes that define_metric names.
  const axes = parts.flatMap(({ defines = [] }) =>
    defines.map((one: OracleLine) => one.x_axis ?? one.step_metric)
  );
  const known = new Set([...names, ...axes]);
  for (const key of stored.columns.keys()) {
    if (key.startsWith("__swanlab__.")) continue;
    card.holds("no invention", `nobody logged ${JSON.stringify(key)}`, known.has(key));
  }
}

function scoreMedia({ stored, parts, files, card }: Scored): void {
  const hashes = new Set(Object.values(files).map((file) => file.sha256));
  for (const { calls, media } of parts) {
    for (const { step, data, raised } of calls) {
      if (typeof step !== "number" || raised !== undefined) continue;
      for (const [key, value] of Object.entries<OracleLine>(data)) {
        const logged = [value].flat().filter((item) => item?.$media !== undefined);
        if (logged.length === 0) continue;
        const what = pointName(key, String(step));
        const items = stored.media.get(key)?.get(String(step)) ?? [];
        const truths = logged.map(({ $media }) => media[$media]);
        card.equal("captions", what, items.map(({ caption }) => caption ?? null), [
          ...truths.map(({ caption }) => caption),
        ]);
        for (const [place, { text }] of truths.entries()) {
          const item = items[place];
          if (text !== undefined) card.equal("texts", what, item?.text, text);
          else if (item !== undefined) {
            card.holds("media", `${what} is no file of the run`, hashes.has(sha256(item.bytes)));
          }
        }
      }
    }
  }
}

function scoreProfile(scored: Scored): void {
  const { fixture, stored, parts, card } = scored;
  const { init, state } = parts.at(-1) ?? {};
  const isLocal = !isNew(fixture) && /^0\.(?:[2-5]|6\.1)/.test(fixture.version);
  const named = isNew(fixture) ? [init.group, init.job_type] : [];
  const [group = "", jobType = ""] = named;
  const labels = itemsAt(stored.card, "labels").map((label) => textAt(label, "name"));
  card.equal("identity", "labels", labels, isLocal ? [] : init.tags ?? []);
  card.equal("identity", "description", textAt(stored.card, "description"), init.description ?? "");
  card.equal("identity", "group", at(stored.card, "cluster"), group);
  card.equal("identity", "job type", at(stored.card, "job"), jobType);
  const name = String(init.experiment_name ?? init.name);
  const found = textAt(stored.card, "name");
  card.holds(
    "identity",
    `the name is ${found}, not ${name}`,
    found === name || found.startsWith(`${name}_`),
  );
  const end = state === "finished" ? "FINISHED" : "CRASHED";
  card.equal("state", "state", at(stored.card, "state"), end);
  scoreConfig(scored);
}

function scoreConfig({ fixture, stored, parts, card }: Scored): void {
  const { version, name } = fixture;
  // The user's own config.yaml has taken the place of the client's.
  if (version === "0.7.20" && name === "save") return;
  // The part of a run that was logged last says what its configuration is, as with the client.
  const expected = { ...parts.at(-1)?.config };
  // From 0.8 on None becomes an empty map; from 0.3.28 to 0.6.1 True becomes 1.
  if (isNew(fixture) && "nothing" in expected) expected.nothing = {};
  if (/^0\.(?:3\.28|[45]\.\d+|6\.1)$/.test(version)) expected.amp = 1;
  card.equal("config", "config", plainConfig(stored), expected);
}

interface Announced {
  readonly fixture: RegExp;
  readonly reason: string;
}

/** Cases of which `sync` has to say that something is missing. */
const partial: readonly Announced[] = [
  {
    fixture: /\/threads/,
    reason: "threads wrote over each other's frames: what is left of them is reported as gaps",
  },
];

/** What a host cannot hold, and `sync` announces. */
const unheld: readonly (Announced & { readonly misses: RegExp })[] = [
  {
    fixture: /^0\.7\.13\/values$/,
    misses: /^scalars: dup @ [37] is /,
    reason: "this client logs two values at one step: the first is there, the second is counted",
  },
];

/** Ferries a case to a host of its own and compares what is there with what was logged. */
async function scored(fixtureCase: FixtureCase, card: Scorecard): Promise<void> {
  const { version, name } = fixtureCase;
  const folder = fixture("swanlab", version, name);
  const truth: OracleLine = JSON.parse(readFileSync(join(folder, "truth.json"), "utf8"));
  const parts: readonly OracleLine[] = truth.parts ?? [truth];
  const directories = readdirSync(join(folder, "swanlog")).filter((one) => /^run-/.test(one))
    .sort();
  await inScene(async (scene) => {
    const { url, api, ids } = await scene.serve("host");
    const words = ["sync", join(folder, "swanlog"), "-h", url, "-k", key, "-w", user]
      .concat(["-p", "fidelity", "--json"]);
    const done = await scene.run(words);
    const isPartial = partial.some((one) => one.fixture.test(`${version}/${name}`));
    assert.equal(done.code, isPartial ? 3 : 0, done.stdout);
    const runs = await ids("fidelity");
    for (const run of runs) {
      const stored = await readStoredRun({ api, user, project: "fidelity", run });
      const place = directories.findIndex((directory) => directory.endsWith(`-${run}`));
      const own = runs.length === 1 ? parts : parts.slice(place, place + 1);
      const files = truth.media_files;
      const one = { fixture: fixtureCase, stored, parts: own, all: parts, files, card };
      for (const score of [scoreNumbers, scoreKeys, scoreMedia, scoreProfile]) score(one);
    }
    const again = await scene.run(words);
    card.equal("repetition", "changes of a second sync", [...changes(again.passed)], []);
    card.holds("identity", `there are ${runs.length} runs`, runs.length >= 1);
  });
}

for (const fixtureCase of fixtureCases()) {
  const { version, name } = fixtureCase;
  test(`${version}/${name}: all that was logged is at the host, and nothing else`, async () => {
    const card = new Scorecard();
    await scored(fixtureCase, card);
    const known = unheld.filter((one) => one.fixture.test(`${version}/${name}`));
    const misses = card.misses.filter((miss) => !known.some((one) => one.misses.test(miss)));
    assert.deepEqual(misses, []);
  });
}
