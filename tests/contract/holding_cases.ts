import assert from "node:assert/strict";
import { DestinationError } from "../../src/errors.ts";
import type { Case } from "./case.ts";
import { inPlace } from "./delivery_cases.ts";
import {
  deliver,
  delivered,
  inBatches,
  type MakePlace,
  withWriter,
} from "./destination_subject.ts";
import type { MemoryRun } from "./memory_run.ts";
import { hostileNames, hostileRun, plainRun, youngRun } from "./sample_runs.ts";
import { tree } from "./scratch.ts";

const otherRun: MemoryRun = {
  ...plainRun,
  info: { id: "two", path: "/memory/elsewhere/run-1" },
  stamp: "other",
};

/** What a destination promises about what it holds. */
export const holdingCases: readonly Case<MakePlace>[] = [
  {
    name: "leaves nothing behind when a run is broken off",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const { destination } = place;
        const [first = [], second = []] = inBatches(plainRun.events);
        await withWriter(destination, plainRun, async (writer) => {
          await writer.write(first);
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
        const tally = await deliver(
          place.destination,
          plainRun,
          ({ tally }) => Promise.resolve(tally),
        );
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
  {
    name: "keeps runs apart that share the name of their directory",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        await delivered(place.destination, plainRun);
        const one = await place.holdings();
        assert.deepEqual((await delivered(place.destination, otherRun)).differences, []);
        assert.ok((await place.holdings()).length > one.length);
        for (const run of [plainRun, otherRun]) {
          await withWriter(place.again(), run, (writer) => {
            assert.notEqual(writer.held, undefined);
            return Promise.resolve();
          });
        }
      }),
  },
  {
    name: "leaves nothing but the run behind",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        await delivered(place.destination, plainRun);
        const once = await place.holdings();
        assert.equal(once.length, 1);
        await delivered(place.again(), plainRun);
        assert.deepEqual(await place.holdings(), once);
      }),
  },
  {
    name: "finds what was spoiled there",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        const tally = await deliver(
          place.destination,
          plainRun,
          ({ tally }) => Promise.resolve(tally),
        );
        await place.damage();
        await withWriter(place.again(), plainRun, async (writer) => {
          const { differences } = await writer.verify(tally);
          assert.notDeepEqual(differences, []);
        });
      }),
  },
  {
    name: "writes nowhere else, whatever the names",
    run: (makePlace) =>
      inPlace(makePlace, async (place, scratch) => {
        const outside = (): readonly string[] =>
          tree(scratch).filter((path) => !path.startsWith("place/"));
        const before = outside();
        for (const [at, name] of hostileNames.entries()) {
          const held = await place.holdings();
          try {
            const { differences } = await delivered(
              place.destination,
              hostileRun(name, `id-${at}`),
            );
            assert.deepEqual(differences, [], JSON.stringify(name));
            assert.equal((await place.holdings()).length, held.length + 1, JSON.stringify(name));
          } catch (error) {
            if (!(error instanceof DestinationError)) throw error;
            assert.deepEqual(await place.holdings(), held, "a refused run leaves nothing");
          }
          assert.deepEqual(outside(), before, JSON.stringify(name));
        }
      }),
  },
];
