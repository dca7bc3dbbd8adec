import assert from "node:assert/strict";
import { CancelledError } from "../../src/errors.ts";
import type { EventType, RunEvent } from "../../src/model/event.ts";
import type { Case } from "./case.ts";
import { testContext } from "./context.ts";
import {
  type Answer,
  deliver,
  delivered,
  type Delivery,
  inBatches,
  inPlace,
  type MakePlace,
  withWriter,
} from "./destination_subject.ts";
import { eventsOf, type MemoryRun } from "./memory_run.ts";
import { holedMixedRun, longRun, mixedRun, youngMixedRun } from "./mixed_run.ts";
import { clashingRun } from "./sample_runs.ts";

/** What a place holds of a run that was sent at once. */
async function undisturbed(makePlace: MakePlace, run: MemoryRun): Promise<readonly string[]> {
  let holdings: readonly string[] = [];
  await inPlace(makePlace, async (place) => {
    assert.deepEqual((await delivered(place.destination, run)).differences, []);
    holdings = await place.holdings();
  });
  assert.equal(holdings.length, 1, "one run");
  return holdings;
}

/** Delivers a run whose user breaks it off as soon as a file is read. */
async function breakOffAt(place: Place, run: MemoryRun, path: string): Promise<void> {
  const user = new AbortController();
  const impatient: MemoryRun = {
    ...run,
    reading: (read) => {
      if (read === path) user.abort(new CancelledError());
    },
  };
  try {
    await deliver(
      place.destination,
      impatient,
      () => Promise.resolve(),
      testContext({ signal: user.signal }),
    );
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
}

type Place = Parameters<Parameters<typeof inPlace>[1]>[0];

/** Events of which it is told how many were there before, as points that have a step or a number. */
const points: ReadonlySet<EventType> = new Set(["history", "media", "system", "console"]);

/** Whether an event says nothing that could be kept; gaps are counted by who reads. */
function isEmpty(event: RunEvent): boolean {
  if (event.type === "gap") return true;
  if (event.type !== "history" && event.type !== "system") return false;
  return Object.keys(event.values).length === 0;
}

/** What became of a run that was sent to an empty place. */
async function sent(makePlace: MakePlace, run: MemoryRun): Promise<Sent> {
  let [text = "", losses]: [string?, Set<number | undefined>?] = [];
  await inPlace(makePlace, async (place) => {
    losses = await deliver(place.destination, run, ({ answers, last }) => {
      const all = [...answers.map(({ receipt }) => receipt), last];
      return Promise.resolve(new Set(all.flatMap(({ losses }) => losses.map(({ seq }) => seq))));
    });
    text = (await place.holdings()).join();
  });
  return { text, losses: losses ?? new Set() };
}

interface Sent {
  readonly text: string;
  /** The events that something was lost of. */
  readonly losses: ReadonlySet<number | undefined>;
}

function presentOf({ answers, last }: Pick<Delivery, "answers" | "last">): number {
  const sum = (total: number, { receipt }: Answer): number => total + receipt.present;
  return answers.reduce(sum, last.present);
}

/** Delivers a run that must arrive, and returns how many of its events were there before. */
function presentWhen(place: Place, run: MemoryRun): Promise<number> {
  return deliver(place.again(), run, async (delivery) => {
    const { differences } = await delivery.writer.verify(delivery.tally);
    assert.deepEqual(differences, []);
    return presentOf(delivery);
  });
}

/** What a service promises besides: it may have a part of a run, which the next sync completes. */
export const serviceCases: readonly Case<MakePlace>[] = [
  {
    name: "keeps something of every event, or names it as lost",
    run: async (makePlace) => {
      const [, ...events] = clashingRun.events;
      const whole = await sent(makePlace, clashingRun);
      for (const event of events) {
        if (isEmpty(event) || whole.losses.has(event.seq)) continue;
        const rest = eventsOf(events.filter((other) => other !== event));
        const { text } = await sent(makePlace, { ...clashingRun, events: rest });
        assert.notEqual(text, whole.text, `nothing is left of ${event.type} ${event.seq}`);
      }
    },
  },
  {
    name: "goes on with a run whose events broke off, as if it had been sent at once",
    run: async (makePlace) => {
      const whole = await undisturbed(makePlace, longRun);
      await inPlace(makePlace, async (place) => {
        await withWriter(place.destination, longRun, async (writer) => {
          for (const batch of inBatches(longRun.events, 1000).slice(0, 11)) {
            await writer.write(batch);
          }
        });
        assert.deepEqual((await delivered(place.again(), longRun)).differences, []);
        assert.deepEqual(await place.holdings(), whole);
      });
    },
  },
  {
    name: "has what was flushed, and goes on from there as if it had been sent at once",
    run: async (makePlace) => {
      const whole = await undisturbed(makePlace, mixedRun);
      await inPlace(makePlace, async (place) => {
        const batches = inBatches(youngMixedRun.events, 7);
        await withWriter(place.destination, youngMixedRun, async (writer) => {
          for (const batch of batches) {
            const before = await place.holdings();
            await writer.write(batch);
            const { through } = await writer.flush();
            assert.equal(through, batch.at(-1)?.seq, "nothing waits");
            assert.notDeepEqual(await place.holdings(), before, "it shows");
          }
          const flushed = await place.holdings();
          await writer.flush();
          assert.deepEqual(await place.holdings(), flushed, "there is nothing more to tell");
        });
        assert.deepEqual((await delivered(place.again(), mixedRun)).differences, []);
        assert.deepEqual(await place.holdings(), whole);
      });
    },
  },
  {
    name: "goes on with a run that its user broke off, as if it had been sent at once",
    run: async (makePlace) => {
      const whole = await undisturbed(makePlace, mixedRun);
      for (const path of ["files/0.png", "files/1.png", "files/note.txt", "files/model.bin"]) {
        await inPlace(makePlace, async (place) => {
          await breakOffAt(place, mixedRun, path);
          assert.deepEqual((await delivered(place.again(), mixedRun)).differences, []);
          assert.deepEqual(await place.holdings(), whole, path);
        });
      }
    },
  },
  {
    name: "fills the holes of a run, as if it had been sent at once",
    run: async (makePlace) => {
      const whole = await undisturbed(makePlace, mixedRun);
      await inPlace(makePlace, async (place) => {
        await delivered(place.destination, holedMixedRun);
        assert.deepEqual((await delivered(place.again(), mixedRun)).differences, []);
        assert.deepEqual(await place.holdings(), whole);
      });
    },
  },
  {
    name: "recognises all of a run that it holds, and takes nothing of it again",
    run: (makePlace) =>
      inPlace(makePlace, async (place) => {
        await delivered(place.destination, mixedRun);
        const holdings = await place.holdings();
        assert.equal(await presentWhen(place, mixedRun), mixedRun.events.length);
        assert.deepEqual(await place.holdings(), holdings);
      }),
  },
  {
    name: "takes of a run that has grown what is new",
    run: async (makePlace) => {
      const whole = await undisturbed(makePlace, mixedRun);
      await inPlace(makePlace, async (place) => {
        await delivered(place.destination, youngMixedRun);
        const present = await presentWhen(place, mixedRun);
        const { events } = youngMixedRun;
        const old = events.filter(({ type }) => points.has(type)).length;
        assert.ok(present >= old && present <= events.length, `${present} were there before`);
        assert.deepEqual(await place.holdings(), whole);
      });
    },
  },
];
