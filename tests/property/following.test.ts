import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { appendFileSync, readFileSync, truncateSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { swanlab } from "../../adapters/sources/swanlab/source.ts";
import { wandb } from "../../adapters/sources/wandb/source.ts";
import type { Rest, Source } from "../../src/adapter.ts";
import { type LogItem, RecordLog } from "../../src/codec/record_log.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunRef } from "../../src/model/run.ts";
import { fixtureCases, runsBelow } from "../adapters/swanlab/fixture_runs.ts";
import { fixtureRuns, recognised } from "../adapters/wandb/fixture_runs.ts";
import { testContext } from "../contract/context.ts";
import { copyInto, inScratch, openFiles } from "../contract/scratch.ts";
import { chunkOf, writeLog } from "../unit/codec/log_writer.ts";

/** Where a log of so many bytes is cut: ascending, the last one is its end. */
function places(bytes: number, parts: readonly number[]): readonly number[] {
  const cuts = parts.map((part) => Math.floor(part * bytes));
  return [...new Set([...cuts, bytes])].sort((left, right) => left - right);
}

/** What is read of a log in the order of its bytes, and why it ends. */
interface Account {
  readonly items: readonly unknown[];
  readonly tail: unknown;
}

function itemsOf(items: readonly LogItem[]): readonly unknown[] {
  return items.map((item) =>
    item.type === "gap" ? item : { ...item, payload: item.payload.toString("base64") }
  );
}

/** Reads a log that is cut at `cuts` one after the other; at each of them `end` bytes are zeros. */
async function readGrowing(
  bytes: Buffer,
  cuts: readonly number[],
  interposed: boolean,
): Promise<Account> {
  let end = cuts[0] ?? bytes.length;
  const source = {
    read(into: Uint8Array, position: number): Promise<number> {
      const there = bytes.subarray(position, Math.min(end, position + into.length));
      into.set(there);
      return Promise.resolve(there.length);
    },
  };
  const header = bytes.subarray(0, 6);
  const log = new RecordLog(source, { header, interposed, growing: cuts.length > 0 });
  const items: unknown[] = [];
  for (const cut of cuts) {
    end = cut;
    for await (const some of log.items()) items.push(...itemsOf(some));
  }
  log.complete();
  for await (const some of log.items()) items.push(...itemsOf(some));
  return { items, tail: log.tail };
}

const noise = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes));
const stretches = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: noise.map((payload) => chunkOf(1, payload)) },
    { weight: 1, arbitrary: noise.map((payload) => chunkOf(2, payload)) },
    { weight: 1, arbitrary: noise.map((payload) => chunkOf(4, payload)) },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }).map((bytes) => Buffer.alloc(bytes)) },
    { weight: 1, arbitrary: fc.constant(Buffer.from(":W&B\xe1\xbe\0", "latin1")) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 30_000, max: 70_000 })
        .map((bytes) => writeLog([Buffer.alloc(bytes, 7)], 0).bytes.subarray(7)),
    },
  ),
  { maxLength: 25 },
);
const parts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

describe("a growing record log", () => {
  it("gives in pieces what it gives as a whole, whatever stands in it and wherever it was cut", async () => {
    await fc.assert(
      fc.asyncProperty(stretches, parts, fc.boolean(), async (chunks, cut, interposed) => {
        const bytes = Buffer.concat([Buffer.from(":W&B\xe1\xbe\0", "latin1"), ...chunks]);
        const whole = await readGrowing(bytes, [], interposed);
        const grown = await readGrowing(bytes, places(bytes.length, cut), interposed);
        assert.deepEqual(grown, whole);
      }),
      { numRuns: 300 },
    );
  });

  it("gives every whole record at once, though nothing stands behind it yet", async () => {
    const log = writeLog([10, 40_000, 0, 32_700, 9].map((bytes) => Buffer.alloc(bytes, 1)), 0);
    for (const [index, spans] of log.spans.entries()) {
      const end = spans.at(-1)?.[1] ?? 0;
      const { items } = await readGrowing(log.bytes, [end], false);
      assert.equal(items.length, index + 1);
      const { items: before } = await readGrowing(log.bytes.subarray(0, end - 1), [end - 1], false);
      assert.equal(before.length, index);
    }
  });
});

/** A run of a fixture and its source. */
interface Subject {
  readonly name: string;
  readonly source: Source;
  readonly path: string;
}

async function subjects(): Promise<readonly Subject[]> {
  const swanlabRuns = await Promise.all(
    fixtureCases().map(async ({ version, name, folder }) =>
      (await runsBelow(folder)).filter(({ log }) => log !== undefined)
        .map(({ path }) => ({ name: `swanlab ${version} ${name}`, source: swanlab, path }))
    ),
  );
  const wandbRuns = fixtureRuns.map(({ name, path }) => ({
    name: `wandb ${name}`,
    source: wandb,
    path,
  }));
  return [...swanlabRuns.flat(), ...wandbRuns];
}

async function refOf({ source }: Subject, path: string): Promise<RunRef | undefined> {
  const refs = source === wandb ? await recognised(path) : await runsBelow(path);
  return refs.find(({ log }) => log !== undefined);
}

/** The events of a run; `follow` is asked whenever the source has read all that is there. */
async function eventsOf(
  { source }: Subject,
  ref: RunRef,
  follow?: () => Promise<Rest>,
): Promise<readonly RunEvent[]> {
  await using reader = await source.open(ref, testContext());
  const events: RunEvent[] = [];
  for await (const some of reader.events(follow === undefined ? {} : { follow })) {
    events.push(...some);
  }
  return events;
}

/** Follows a run while its log is written again in pieces. */
async function followGrowing(
  subject: Subject,
  ref: RunRef,
  cuts: readonly number[],
): Promise<readonly RunEvent[]> {
  const log = ref.log ?? "";
  const bytes = readFileSync(log);
  const left = [...cuts];
  let end = 0;
  const grow = (): Rest => {
    const next = left.shift();
    if (next === undefined) return "end";
    appendFileSync(log, bytes.subarray(end, next));
    end = next;
    return "grown";
  };
  truncateSync(log, 0);
  while (await isYoung(subject, ref) && grow() === "grown");
  return await eventsOf(subject, ref, () => Promise.resolve(grow()));
}

async function isYoung({ source }: Subject, ref: RunRef): Promise<boolean> {
  await using reader = await source.open(ref, testContext());
  return reader.isYoung === true;
}

describe("a followed run", () => {
  it("gives the events of the whole run, however its log grows", { timeout: 60_000 }, async () => {
    let followed = 0;
    for (const subject of await subjects()) {
      await inScratch(async (directory) => {
        const ref = await refOf(subject, copyInto(directory, subject.path));
        // A few fixtures were killed before they said who they are.
        if (ref?.log === undefined || await isYoung(subject, ref)) return;
        followed++;
        const bytes = readFileSync(ref.log).length;
        const whole = await eventsOf(subject, ref);
        const cut = fc.sample(parts, { numRuns: 2, seed: bytes });
        for (const some of cut) {
          assert.deepEqual(
            await followGrowing(subject, ref, places(bytes, some)),
            whole,
            subject.name,
          );
        }
      });
    }
    assert.ok(followed > 150, `${followed}`);
  });

  it("ends at the first quiet moment behind the record that says so", async () => {
    for (const subject of await finishedRuns()) {
      await inScratch(async (directory) => {
        const ref = await refOf(subject, copyInto(directory, subject.path));
        assert.ok(ref !== undefined);
        const asked: Rest[] = [];
        const whole = await eventsOf(subject, ref);
        const events = await eventsOf(subject, ref, () => {
          assert.equal(openFiles(directory), subject.source === wandb ? 1 : 0);
          asked.push(asked.length === 0 ? "grown" : "quiet");
          return Promise.resolve(asked.at(-1) ?? "end");
        });
        assert.deepEqual(events, whole);
        assert.deepEqual(asked, ["grown", "quiet"]);
      });
    }
  });

  it("keeps a row open for its other points until a quiet moment", async () => {
    const [subject] = await finishedRuns();
    assert.ok(subject !== undefined);
    await inScratch(async (directory) => {
      const ref = await refOf(subject, copyInto(directory, subject.path));
      assert.ok(ref?.log !== undefined);
      const log = ref.log;
      const bytes = readFileSync(log);
      // Somewhere in the middle the log ends within a row, so that there is one event more at rest.
      for (let cut = Math.floor(bytes.length / 2);; cut += 40) {
        truncateSync(log, 0);
        appendFileSync(log, bytes.subarray(0, cut));
        const passed: number[] = [];
        await using reader = await swanlab.open(ref, testContext());
        const follow = (): Promise<Rest> => {
          passed.push(seen);
          return Promise.resolve(passed.length === 1 ? "quiet" : "end");
        };
        let seen = 0;
        for await (const some of reader.events({ follow })) seen += some.length;
        assert.ok(cut < bytes.length);
        if (passed[1] === (passed[0] ?? 0) + 1) break;
      }
    });
  });
});

async function finishedRuns(): Promise<readonly Subject[]> {
  const names = ["swanlab 0.9.7 basic", "wandb 0.31.0/basic"];
  const found = (await subjects()).filter(({ name }) => names.includes(name));
  assert.equal(found.length, names.length);
  return found;
}
