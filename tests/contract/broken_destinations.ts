/** Destinations that break one promise each, and the case that must notice. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Destination, RunFiles, RunWriter } from "../../src/adapter.ts";
import { SourceError } from "../../src/errors.ts";
import { Digest } from "../../src/model/digest.ts";
import type { RunEvent } from "../../src/model/event.ts";
import { changedWriter } from "./changed_writer.ts";
import type { MakePlace } from "./destination_subject.ts";
import { keyOf, memoryPlace, type Store, type Stored } from "./memory_destination.ts";

/** A broken destination and the names of the cases that it must fail: these and no others. */
export interface BrokenDestination {
  readonly what: string;
  readonly makePlace: MakePlace;
  readonly fails: readonly string[];
}

interface Open {
  readonly writer: RunWriter;
  readonly run: RunFiles;
  readonly store: Store;
  /** The folder that the place was given. */
  readonly folder: string;
}

/** The reference destination with some of an open run's parts replaced. */
function withParts(change: (open: Open) => Partial<RunWriter>): MakePlace {
  return (folder) =>
    memoryPlace((destination, store) => ({
      ...destination,
      async open(run, key, saved, context): Promise<RunWriter> {
        const writer = await destination.open(run, key, saved, context);
        return changedWriter(writer, change({ writer, run, store, folder }));
      },
    }));
}

/** The reference destination that stores other events than it is given. */
function storing(change: (batch: readonly RunEvent[]) => readonly RunEvent[]): MakePlace {
  return withParts(({ writer }) => {
    let through = -1;
    return {
      async write(batch): ReturnType<RunWriter["write"]> {
        through = batch.at(-1)?.seq ?? through;
        return { ...await writer.write(change(batch)), through };
      },
      async finish(tally): ReturnType<RunWriter["finish"]> {
        return { ...await writer.finish(tally), through };
      },
    };
  });
}

/** The reference destination, changed as a whole. */
function changed(change: (destination: Destination) => Partial<Destination>): MakePlace {
  return () => memoryPlace((destination) => ({ ...destination, ...change(destination) }));
}

const everything = "keeps every type of event and every value";
const answers = "answers for every event, in order";
const lost = "names a file that cannot be read as lost, and keeps the rest";
const brokenOff = "leaves nothing behind when a run is broken off";
const announced = "verifies what was delivered, with the assurance that it announces";
const recognises = "recognises a run that it holds, and still verifies it";
const grown = "takes a run that has grown instead of the one that it holds";
const apart = "keeps runs apart that share the name of their directory";
const alone = "leaves nothing but the run behind";
const spoiled = "finds what was spoiled there";
const nowhere = "writes nowhere else, whatever the names";
const differences = "finds every difference between what it holds and a tally";
const gone = "calls what it holds not gone, and what it never had gone";
const unchanged = "changes nothing when it is checked or opened";

/** Destinations that lose or change what they are given. */
const lossy: readonly BrokenDestination[] = [
  {
    what: "drops an event",
    makePlace: storing((batch) => batch.filter(({ type }) => type !== "alert")),
    fails: [everything],
  },
  {
    what: "stores an event twice",
    makePlace: storing((batch) =>
      batch.flatMap((event) => Array<RunEvent>(event.type === "unknown" ? 2 : 1).fill(event))
    ),
    fails: [everything],
  },
  {
    what: "takes the sign from -0",
    makePlace: storing((batch) =>
      batch.map((event) =>
        event.type === "history"
          ? {
            ...event,
            values: Object.fromEntries(
              Object.entries(event.values).map(([key, value]) => [key, value === 0 ? 0 : value]),
            ),
          }
          : event
      )
    ),
    fails: [everything],
  },
  {
    what: "rounds huge steps",
    makePlace: storing((batch) =>
      batch.map((event) =>
        event.type === "history" ? { ...event, step: Number(event.step) } : event
      )
    ),
    fails: [everything],
  },
  {
    what: "stores the lines of the console in another order",
    makePlace: storing((batch) => {
      const isLine = ({ type }: RunEvent): boolean => type === "console";
      const lines = batch.filter(isLine).reverse();
      return batch.map((event) => isLine(event) ? lines.shift() ?? event : event);
    }),
    fails: [everything],
  },
  {
    what: "accepts everything and stores nothing",
    makePlace: withParts(({ store, run, writer }) => ({
      async finish(tally): ReturnType<RunWriter["finish"]> {
        const receipt = await writer.finish(tally);
        store.delete(keyOf(run));
        return receipt;
      },
      verify: () => Promise.resolve({ assurance: "exact", differences: [] }),
    })),
    fails: [announced, differences, recognises, grown, apart, alone, spoiled, nowhere, gone],
  },
  {
    what: "keeps silent about a file that cannot be read",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        return { ...await writer.write(batch), losses: [] };
      },
    })),
    fails: [lost],
  },
  {
    what: "gives up at a file that cannot be read",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        const receipt = await writer.write(batch);
        const [loss] = receipt.losses;
        if (loss !== undefined) throw new SourceError(loss.reason);
        return receipt;
      },
    })),
    fails: [lost],
  },
];

function digest(value: unknown): string {
  return new Digest().value(value).hex();
}

/** Destinations that say what is not so. */
const untruthful: readonly BrokenDestination[] = [
  {
    what: "calls everything exact without a look",
    makePlace: withParts(() => ({
      verify: () => Promise.resolve({ assurance: "exact", differences: [] }),
    })),
    fails: [differences, spoiled],
  },
  {
    what: "verifies against what it was told, not against what it holds",
    makePlace: withParts(({ writer, store, run }) => {
      let announcedTally = writer.held;
      return {
        async finish(tally): ReturnType<RunWriter["finish"]> {
          const receipt = await writer.finish(tally);
          announcedTally = store.get(keyOf(run))?.tally;
          return receipt;
        },
        verify(tally): ReturnType<RunWriter["verify"]> {
          const same = digest(tally) === digest(announcedTally);
          const found = same ? [] : ["It is not what was announced."];
          return Promise.resolve({ assurance: "exact", differences: found });
        },
      };
    }),
    fails: [spoiled],
  },
  {
    what: "announces more than it reaches",
    makePlace: withParts(({ writer }) => ({
      async verify(tally): ReturnType<RunWriter["verify"]> {
        return { ...await writer.verify(tally), assurance: "counted" };
      },
    })),
    fails: [announced, recognises],
  },
  {
    what: "answers for one event less than it was given",
    makePlace: withParts(({ writer }) => ({
      async finish(tally): ReturnType<RunWriter["finish"]> {
        const receipt = await writer.finish(tally);
        return { ...receipt, through: receipt.through - 1 };
      },
    })),
    fails: [answers],
  },
  {
    what: "answers for an event that it was not given yet",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        const receipt = await writer.write(batch);
        return { ...receipt, through: receipt.through + 1 };
      },
    })),
    fails: [answers],
  },
  {
    what: "says that new events were there before",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        return { ...await writer.write(batch), present: batch.length };
      },
    })),
    fails: [answers],
  },
  {
    what: "holds a run for unchanged by its name alone",
    makePlace: withParts(({ store, run }) => {
      const tally = store.get(keyOf(run))?.tally;
      return tally === undefined ? {} : { held: tally };
    }),
    fails: [grown],
  },
  {
    what: "never recognises a run",
    makePlace: withParts(() => ({ held: undefined })),
    fails: [recognises, grown],
  },
];

/** Gives the store a run that is not one. */
function leave(store: Store, name: string): void {
  const rest: Stored = { stamp: "", id: name, events: [], files: new Map() };
  store.set(name, rest);
}

/** Destinations that leave things where they do not belong. */
const untidy: readonly BrokenDestination[] = [
  {
    what: "makes its place when it is checked",
    makePlace: (folder) =>
      memoryPlace((destination) => ({
        ...destination,
        check: async (context) => {
          writeFileSync(join(folder, "marker"), "");
          return await destination.check(context);
        },
      })),
    fails: [unchanged],
  },
  {
    what: "leaves a temporary file when a run is broken off",
    makePlace: withParts(({ writer, store }) => {
      let finished = false;
      let written = false;
      return {
        write(batch): ReturnType<RunWriter["write"]> {
          written = true;
          return writer.write(batch);
        },
        finish(tally): ReturnType<RunWriter["finish"]> {
          finished = true;
          return writer.finish(tally);
        },
        async [Symbol.asyncDispose](): Promise<void> {
          if (written && !finished) leave(store, "run.tmp");
          await writer[Symbol.asyncDispose]();
        },
      };
    }),
    fails: [brokenOff],
  },
  {
    what: "stores a run again under another name",
    makePlace: withParts(({ writer, store, run }) => ({
      async finish(tally): ReturnType<RunWriter["finish"]> {
        const old = store.get(keyOf(run));
        if (old !== undefined) store.set(`${keyOf(run)} (${store.size})`, old);
        return await writer.finish(tally);
      },
    })),
    fails: [grown, alone],
  },
  {
    what: "has one place for all runs of a name",
    makePlace: withParts(({ writer, store, run }) => ({
      async finish(tally): ReturnType<RunWriter["finish"]> {
        for (const [key, { id }] of store) {
          const taken = key.includes(JSON.stringify(run.info.directory)) && id !== run.info.id;
          if (taken) store.delete(key);
        }
        return await writer.finish(tally);
      },
    })),
    fails: [apart],
  },
  {
    what: "takes names for paths",
    makePlace: withParts(({ writer, run, folder }) => ({
      async finish(tally): ReturnType<RunWriter["finish"]> {
        const { directory } = run.info;
        if (/^[./a-z]+$/.test(directory) && directory.startsWith("../")) {
          writeFileSync(join(folder, "beside", directory, "..", "escaped"), "");
        }
        return await writer.finish(tally);
      },
    })),
    fails: [nowhere],
  },
  {
    what: "keeps no account of who uses it",
    makePlace: changed(() => ({ check: () => Promise.resolve({ name: "" }) })),
    fails: [unchanged],
  },
  {
    what: "has everything for gone",
    makePlace: changed(() => ({ isGone: () => Promise.resolve(true) })),
    fails: [gone],
  },
  {
    what: "has nothing for gone",
    makePlace: changed(() => ({ isGone: () => Promise.resolve(false) })),
    fails: [gone],
  },
];

/** All of them. */
export const brokenDestinations: readonly BrokenDestination[] = [
  ...lossy,
  ...untruthful,
  ...untidy,
];
