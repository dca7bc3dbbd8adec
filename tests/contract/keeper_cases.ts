import assert from "node:assert/strict";
import type { Tally } from "../../src/model/tally.ts";
import type { Case } from "./case.ts";
import {
  deliver,
  delivered,
  inBatches,
  inPlace,
  type MakePlace,
  tallied,
  withWriter,
} from "./destination_subject.ts";
import { otherRun, plainRun, youngRun } from "./sample_runs.ts";

/** Tallies that differ from the true one in one place each. */
function changedTallies(tally: Tally, keepsSource: boolean): ReadonlyMap<string, Tally> {
  const loss = tally.metrics["loss"];
  const [path = ""] = Object.keys(tally.files);
  const file = tally.files[path];
  assert.ok(loss !== undefined && file !== undefined);
  const metric = (change: Partial<typeof loss>): Tally => ({
    ...tally,
    metrics: { ...tally.metrics, loss: { ...loss, ...change } },
  });
  const changedFile = (change: Partial<typeof file>): Tally => ({
    ...tally,
    files: { ...tally.files, [path]: { ...file, ...change } },
  });
  const changed = new Map<string, Tally>([
    ["one more event", { ...tally, events: { ...tally.events, history: 21 } }],
    ["one event less", { ...tally, events: { ...tally.events, history: 19 } }],
    ["one more point", metric({ points: loss.points + 1 })],
    ["an earlier first step", metric({ firstStep: -1 })],
    ["a later last step", metric({ lastStep: 1000 })],
    ["another last value", metric({ last: 0.5 })],
    ["other values", metric({ digest: "0".repeat(16) })],
    ["one more metric", { ...tally, metrics: { ...tally.metrics, more: loss } }],
    ["one metric less", { ...tally, metrics: {} }],
    ["one more system metric", { ...tally, system: { cpu: loss } }],
    ["one more line", { ...tally, console: { ...tally.console, lines: 1 } }],
    ["a longer file", changedFile({ bytes: file.bytes + 1 })],
    ["another content", changedFile({ sha256: "0".repeat(64) })],
    ["another order of events", { ...tally, digest: "0".repeat(16) }],
  ]);
  // Without the run directory a destination owes only the files that events name.
  if (keepsSource) {
    changed.set("one more file", { ...tally, files: { ...tally.files, more: file } });
  }
  return changed;
}

/** What a destination promises besides that keeps events, and so has a run as a whole or not at all. */
export const keeperCases: readonly Case<MakePlace>[] = [
  {
    name: "calls what it holds not gone, and what it never had gone",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const { destination } = place;
        await deliver(destination, plainRun, async ({ writer: { remote } }) => {
          assert.notEqual(await destination.isGone?.(remote), true);
          assert.notEqual(await place.again().isGone?.(remote), true);
          assert.notEqual(await destination.isGone?.({ id: `${remote.id}-no` }), false);
        });
      }),
  },
  {
    name: "finds every difference between what it holds and a tally",
    run: (makePlace) =>
      inPlace(
        makePlace,
        ({ destination }) =>
          deliver(destination, plainRun, async ({ writer, tally }) => {
            for (
              const [what, changed] of changedTallies(tally, destination.capabilities.keepsSource)
            ) {
              const { differences } = await writer.verify(changed);
              assert.notDeepEqual(differences, [], what);
              for (const sentence of differences) assert.match(sentence, /^.+\.$/s);
            }
          }),
      ),
  },
  {
    name: "leaves nothing behind when a run is broken off",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const { destination } = place;
        const [first = [], second = []] = inBatches(plainRun.events);
        await withWriter(destination, plainRun, async (writer) => {
          await writer.write(first);
          await writer.flush();
          await writer.write(second);
        });
        assert.deepEqual(await place.holdings(), []);
        await delivered(destination, plainRun);
        const complete = await place.holdings();
        await withWriter(destination, otherRun, (writer) => writer.write(first));
        assert.deepEqual(await place.holdings(), complete);
      }),
  },
  {
    name: "recognises a run that it holds, and still verifies it",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const tally = await tallied(place.destination, plainRun);
        const holdings = await place.holdings();
        for (const destination of [place.destination, place.again()]) {
          await withWriter(destination, plainRun, async (writer) => {
            assert.deepEqual(writer.held?.events, tally.events);
            assert.deepEqual(writer.held, tally);
            assert.deepEqual(await writer.verify(tally), {
              assurance: destination.capabilities.assurance,
              differences: [],
            });
          });
        }
        assert.deepEqual(await place.holdings(), holdings);
      }),
  },
  {
    name: "takes a run that has grown instead of the one that it holds",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        assert.deepEqual((await delivered(place.destination, youngRun)).differences, []);
        const young = await place.holdings();
        await withWriter(place.again(), plainRun, (writer) => {
          assert.equal(writer.held, undefined, "it is not the same any more");
          return Promise.resolve();
        });
        assert.deepEqual(await place.holdings(), young, "opening changes nothing");
        assert.deepEqual((await delivered(place.destination, plainRun)).differences, []);
        assert.equal((await place.holdings()).length, young.length, "it is still one run");
        await withWriter(place.again(), plainRun, (writer) => {
          assert.notEqual(writer.held, undefined);
          return Promise.resolve();
        });
      }),
  },
];
