import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Profile } from "../../../adapters/destinations/swanlab/mapping/outbox.ts";
import type { RemoteRun } from "../../../adapters/destinations/swanlab/remote_run.ts";
import {
  isOwn,
  markedMetadata,
  mergedConfig,
  missingFields,
  ownMark,
  profileDifferences,
} from "../../../adapters/destinations/swanlab/run_profile.ts";
import { type LosslessObject, parseLosslessJson } from "../../../src/codec/lossless_json.ts";

/** A run whose host has this profile. */
function held(profile: unknown): RemoteRun {
  return { id: "r", profile: parseLosslessJson(JSON.stringify(profile)) as LosslessObject };
}

const profile: Profile = {
  config: { lr: { value: 0.1, desc: "", sort: 0 } },
  metadata: { python: "3.12", runferry: { tool: "runferry 1", id: "r" } },
  requirements: "a==1\n",
};
const mark = { after: -1, samples: 0, lines: 9, files: "f00" };
const segment = { name: "run-1", mark, latest: true };

/** What a host has after a sync of ours into a run that was as said before. */
function synced(before: RemoteRun | undefined): RemoteRun {
  const fields = before === undefined ? profile : missingFields(profile, before, isOwn(before));
  return held({
    ...before?.profile,
    ...fields,
    metadata: markedMetadata(profile, before, segment),
  });
}

describe("what is said about a run", () => {
  it("is ours where we made the run or nobody said anything", () => {
    assert.equal(isOwn(held({})), true);
    assert.equal(isOwn(held({ config: {}, metadata: null, requirements: "" })), true);
    assert.equal(isOwn(held({ metadata: { runferry: { tool: "runferry 1" } } })), true);
    assert.equal(isOwn(held({ metadata: { python: "3" } })), false);
    assert.equal(isOwn(held({ config: { a: { value: 1 } } })), false);
  });

  it("stays somebody else's however often we complete their run", () => {
    const theirs = held({
      config: { mine: { value: 1, desc: "", sort: 0 } },
      metadata: { python: "2.7" },
    });
    let run = theirs;
    for (let round = 0; round < 3; round++) {
      run = synced(run);
      assert.equal(isOwn(run), false);
      assert.equal(ownMark(run)?.segments.get("run-1")?.files, "f00");
      assert.deepEqual(run.profile["config"], theirs.profile["config"]);
      assert.equal((run.profile["metadata"] as LosslessObject)["python"], "2.7");
      assert.equal(run.profile["requirements"], "a==1\n");
      assert.deepEqual(profileDifferences(profile, run), []);
    }
    assert.deepEqual(missingFields(profile, run, isOwn(run)), {});
  });

  it("lacks nothing once it was delivered, and names what was changed since", () => {
    const run = synced(undefined);
    assert.equal(isOwn(run), true);
    assert.deepEqual(missingFields(profile, run, true), {});
    assert.deepEqual(profileDifferences(profile, run), []);
    const changed = held({ ...run.profile, requirements: "a==2\n", config: {} });
    assert.deepEqual(profileDifferences(profile, changed), [
      "The config held is not the one delivered.",
      "The requirements held is not the one delivered.",
    ]);
    const grown: Profile = { ...profile, metadata: { ...profile.metadata, gpu: "x" } };
    assert.deepEqual(Object.keys(missingFields(grown, run, true)), ["metadata"]);
  });

  it("keeps what earlier parts of the run left when a part that is not the last one comes", () => {
    const run = synced(undefined);
    const earlier = { name: "run-0", mark: { ...mark, lines: 2 }, latest: false };
    const older: Profile = { metadata: { python: "3.8", runferry: { tool: "runferry 1" } } };
    const after = held({ metadata: markedMetadata(older, run, earlier) });
    assert.equal((after.profile["metadata"] as LosslessObject)["python"], "3.12");
    assert.deepEqual([...ownMark(after)?.segments.keys() ?? []].sort(), ["run-0", "run-1"]);
  });

  it("keeps what the first part said when the last one says nothing of it", () => {
    const run = synced(undefined);
    const silent: Profile = { metadata: { runferry: { tool: "runferry 1" } } };
    const last = { name: "run-2", mark, latest: true };
    const after = held({ ...run.profile, metadata: markedMetadata(silent, run, last) });
    assert.equal((after.profile["metadata"] as LosslessObject)["python"], "3.12");
    assert.deepEqual(missingFields(silent, after, true), {});
    assert.deepEqual(profileDifferences(silent, after), []);
  });

  it("is put together from the configs of its parts, the later one first", () => {
    const field = (
      value: unknown,
      sort: number,
    ): { value: unknown; desc: string; sort: number } => ({
      value,
      desc: "",
      sort,
    });
    const run = held({
      config: { part: field(1, 0), common: field("a", 1), only1: field(true, 2) },
      metadata: { runferry: { segments: { "run-0": mark } } },
    });
    const config = { common: field("b", 0), only2: field(2, 1) };
    assert.deepEqual(mergedConfig(config, run, { name: "run-1", latest: true }), {
      part: field(1, 0),
      common: field("b", 1),
      only1: field(true, 2),
      only2: field(2, 3),
    });
    assert.deepEqual(mergedConfig(config, run, { name: "run-1", latest: false }), {
      part: field(1, 0),
      common: field("a", 1),
      only1: field(true, 2),
      only2: field(2, 3),
    });
    assert.deepEqual(mergedConfig(config, run, { name: "run-0", latest: true }), config);
  });
});
