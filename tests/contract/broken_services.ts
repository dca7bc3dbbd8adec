/** Services that break one promise each, and the cases that must notice. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Destination, RunFiles, RunWriter } from "../../src/adapter.ts";
import { SourceError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { BrokenDestination } from "./broken_destinations.ts";
import { changedWriter } from "./changed_writer.ts";
import type { MakePlace } from "./destination_subject.ts";
import { nameOf, serviceKeyOf, servicePlace, type ServiceStore } from "./memory_service.ts";

interface Open {
  readonly writer: RunWriter;
  readonly run: RunFiles;
  readonly store: ServiceStore;
  /** Whether something was held of the run. */
  readonly continued: boolean;
  /** The folder that the place was given. */
  readonly folder: string;
}

/** The reference service with some of an open run's parts replaced. */
function withParts(change: (open: Open) => Partial<RunWriter>): MakePlace {
  return (folder) =>
    servicePlace((destination, store) => ({
      ...destination,
      async open(run, key, saved, context): Promise<RunWriter> {
        const writer = await destination.open(run, key, saved, context);
        const continued = store.has(serviceKeyOf(run));
        return changedWriter(writer, change({ writer, run, store, continued, folder }));
      },
    }));
}

/** The reference service that does something to the store when a run is complete. */
function finishing(act: (open: Open) => void): MakePlace {
  return withParts((open) => ({
    async finish(tally): ReturnType<RunWriter["finish"]> {
      const receipt = await open.writer.finish(tally);
      act(open);
      return receipt;
    },
  }));
}

/** The reference service, changed as a whole. */
function changed(change: (destination: Destination) => Partial<Destination>): MakePlace {
  return () => servicePlace((destination) => ({ ...destination, ...change(destination) }));
}

/** The reference service that loses all things whose names are like this. */
function losing(name: RegExp): MakePlace {
  return finishing(({ run, store }) => {
    const things = store.get(serviceKeyOf(run));
    for (const known of things?.keys() ?? []) if (name.test(known)) things?.delete(known);
  });
}

/** The reference service that judges by one kind of event less. */
function blindFor(type: RunEvent["type"]): MakePlace {
  return withParts(({ writer }) => ({
    expect: (batch) => writer.expect(batch.filter((event) => event.type !== type)),
  }));
}

const unchanged = "changes nothing when it is checked or opened";
const announced = "verifies what was delivered, with the assurance that it announces";
const everything = "keeps every type of event and every value";
const answers = "answers for every event, in order";
const lost = "names a file that cannot be read as lost, and keeps the rest";
const apart = "keeps runs apart that share the name of their directory";
const alone = "leaves nothing but the run behind";
const spoiled = "finds what was spoiled there";
const nowhere = "writes nowhere else, whatever the names";
const traces = "keeps something of every event, or names it as lost";
const brokenOff = "goes on with a run whose events broke off, as if it had been sent at once";
const flushed = "has what was flushed, and goes on from there as if it had been sent at once";
const cancelled = "goes on with a run that its user broke off, as if it had been sent at once";
const holes = "fills the holes of a run, as if it had been sent at once";
const recognises = "recognises all of a run that it holds, and takes nothing of it again";
const grown = "takes of a run that has grown what is new";
const expected = "verifies what it is told to expect";
const differences = "finds every difference to what it is told to expect";
const onlyLooks = "stores nothing of what it is told to expect";

/** Services that lose, double or change what they are given. */
const lossy: readonly BrokenDestination[] = [
  {
    what: "waits for the end with what is to be flushed",
    makePlace: withParts(() => ({
      flush: () => Promise.resolve({ through: -1, present: 0, losses: [] }),
    })),
    fails: [flushed],
  },
  {
    what: "loses what it does not know",
    makePlace: losing(/^unknown/),
    fails: [everything, traces],
  },
  {
    what: "says nothing of what it replaces",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        const receipt = await writer.write(batch);
        const losses = receipt.losses.filter(({ reason }) => reason !== "replaced");
        return { ...receipt, losses };
      },
    })),
    fails: [traces],
  },
  {
    what: "keeps what it is given first, whatever is said later",
    makePlace: withParts(({ store, run, writer, continued }) => {
      const before = new Map(store.get(serviceKeyOf(run)));
      return {
        async finish(tally): ReturnType<RunWriter["finish"]> {
          const receipt = await writer.finish(tally);
          if (continued) store.set(serviceKeyOf(run), before);
          return receipt;
        },
      };
    }),
    fails: [brokenOff, flushed, cancelled, holes, grown],
  },
  {
    what: "stores again what it has",
    makePlace: withParts(({ store, run, writer, continued }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        const receipt = await writer.write(batch);
        const things = store.get(serviceKeyOf(run));
        if (continued) { for (const event of batch) things?.set(`${nameOf(event)} again`, ""); }
        return receipt;
      },
    })),
    fails: [alone, brokenOff, flushed, cancelled, holes, recognises, grown],
  },
  {
    what: "begins anew when a run is continued",
    makePlace: withParts(({ store, run, continued }) => {
      const old = store.get(serviceKeyOf(run));
      return {
        [Symbol.asyncDispose](): Promise<void> {
          if (continued && old !== undefined) {
            store.set(`${serviceKeyOf(run)} (${store.size})`, new Map(old));
          }
          return Promise.resolve();
        },
      };
    }),
    fails: [alone, brokenOff, flushed, cancelled, holes, recognises, grown, onlyLooks],
  },
  {
    what: "takes the last thing that it has for the end of all that it has",
    makePlace: withParts(({ store, run, writer }) => {
      const held = new Set(store.get(serviceKeyOf(run))?.keys());
      let last = -1;
      for (const name of held) {
        last = Math.max(last, Number(/^history (\d+)/.exec(name)?.[1] ?? -1));
      }
      return {
        write(batch): ReturnType<RunWriter["write"]> {
          const isNew = (event: RunEvent): boolean =>
            event.type !== "history" || event.step > last || held.has(nameOf(event));
          return writer.write(batch.filter(isNew));
        },
      };
    }),
    fails: [holes],
  },
  {
    what: "accepts everything and stores nothing",
    makePlace: withParts(({ store, run, writer }) => ({
      async finish(tally): ReturnType<RunWriter["finish"]> {
        const receipt = await writer.finish(tally);
        store.delete(serviceKeyOf(run));
        return receipt;
      },
      verify: () => Promise.resolve({ assurance: "exact", differences: [] }),
    })),
    fails: [announced, apart, alone, spoiled, nowhere, brokenOff, flushed, cancelled, holes]
      .concat([recognises, grown, differences, traces]),
  },
  {
    what: "keeps silent about a file that cannot be read",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        const receipt = await writer.write(batch);
        const losses = receipt.losses.filter(({ reason }) => reason !== "file not read");
        return { ...receipt, losses };
      },
    })),
    fails: [lost],
  },
  {
    what: "gives up at a file that cannot be read",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        const receipt = await writer.write(batch);
        const loss = receipt.losses.find(({ reason }) => reason === "file not read");
        if (loss !== undefined) throw new SourceError(loss.reason);
        return receipt;
      },
    })),
    fails: [lost],
  },
];

/** Services that say what is not so. */
const untruthful: readonly BrokenDestination[] = [
  {
    what: "calls everything exact without a look",
    makePlace: withParts(() => ({
      verify: () => Promise.resolve({ assurance: "exact", differences: [] }),
    })),
    fails: [spoiled, differences],
  },
  ...(["history", "media", "console", "system", "file"] as const).map((type) => ({
    what: `does not look at what it is told to expect of type ${type}`,
    makePlace: blindFor(type),
    fails: [differences],
  })),
  {
    what: "counts points and lines, and calls that exact",
    makePlace: withParts(({ store, run, writer }) => {
      const names = new Set<string>();
      const note = (batch: readonly RunEvent[]): void => {
        for (const event of batch) names.add(nameOf(event));
      };
      return {
        write(batch): ReturnType<RunWriter["write"]> {
          note(batch);
          return writer.write(batch);
        },
        expect(batch): Promise<void> {
          note(batch);
          return Promise.resolve();
        },
        verify(): ReturnType<RunWriter["verify"]> {
          const held = store.get(serviceKeyOf(run));
          const missing = [...names].filter((name) => held?.has(name) !== true);
          const found = missing.map((name) => `${name} is missing.`);
          return Promise.resolve({ assurance: "exact", differences: found });
        },
      };
    }),
    fails: [spoiled, differences],
  },
  {
    what: "announces more than it reaches",
    makePlace: withParts(({ writer }) => ({
      async verify(tally): ReturnType<RunWriter["verify"]> {
        return { ...await writer.verify(tally), assurance: "counted" };
      },
    })),
    fails: [announced, expected],
  },
  {
    what: "finds fault with everything that it was not just given",
    makePlace: withParts(({ continued }) =>
      continued
        ? { verify: () => Promise.resolve({ assurance: "exact", differences: ["It is old."] }) }
        : {}
    ),
    fails: [apart, brokenOff, flushed, cancelled, holes, recognises, grown, expected],
  },
  {
    what: "leaves the end of a run without an answer",
    makePlace: withParts(({ writer }) => ({
      async finish(tally): ReturnType<RunWriter["finish"]> {
        const receipt = await writer.finish(tally);
        return { ...receipt, through: receipt.through - 1 };
      },
    })),
    fails: [answers],
  },
  {
    what: "takes an answer back",
    makePlace: withParts(({ writer }) => {
      let answered = 0;
      return {
        async write(batch): ReturnType<RunWriter["write"]> {
          const receipt = await writer.write(batch);
          return { ...receipt, through: answered++ === 2 ? 0 : receipt.through };
        },
      };
    }),
    fails: [answers],
  },
  {
    what: "says that new events were there before",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        return { ...await writer.write(batch), present: batch.length };
      },
    })),
    fails: [answers, grown],
  },
  {
    what: "never says that something was there before",
    makePlace: withParts(({ writer }) => ({
      async write(batch): ReturnType<RunWriter["write"]> {
        return { ...await writer.write(batch), present: 0 };
      },
    })),
    fails: [recognises, grown],
  },
];

/** Services that leave things where they do not belong. */
const untidy: readonly BrokenDestination[] = [
  {
    what: "makes its place when it is checked",
    makePlace: (folder) =>
      servicePlace((destination) => ({
        ...destination,
        check: async (context) => {
          writeFileSync(join(folder, "marker"), "");
          return await destination.check(context);
        },
      })),
    fails: [unchanged],
  },
  {
    what: "makes a run when it is opened",
    makePlace: withParts(({ store, run }) => {
      const key = serviceKeyOf(run);
      if (!store.has(key)) store.set(key, new Map());
      return {};
    }),
    fails: [unchanged],
  },
  {
    what: "stores what it is told to expect",
    makePlace: withParts(({ writer, run, store }) => ({
      expect(batch): Promise<void> {
        const things = store.get(serviceKeyOf(run));
        for (const event of batch) things?.set(nameOf(event), things.get(nameOf(event)) ?? "");
        return writer.expect(batch);
      },
    })),
    fails: [onlyLooks],
  },
  {
    what: "has one place for all runs of a name",
    makePlace: finishing(({ store, run }) => {
      const { directory, id } = run.info;
      for (const key of store.keys()) {
        if (key.includes(JSON.stringify(directory)) && !key.includes(JSON.stringify(id))) {
          store.delete(key);
        }
      }
    }),
    fails: [apart],
  },
  {
    what: "takes names for paths",
    makePlace: finishing(({ run, folder }) => {
      const { directory } = run.info;
      if (/^[./a-z]+$/.test(directory) && directory.startsWith("../")) {
        writeFileSync(join(folder, "beside", directory, "..", "escaped"), "");
      }
    }),
    fails: [nowhere],
  },
  {
    what: "keeps no account of who uses it",
    makePlace: changed(() => ({ check: () => Promise.resolve({ name: "" }) })),
    fails: [unchanged],
  },
];

/** All of them. */
export const brokenServices: readonly BrokenDestination[] = [
  ...lossy,
  ...untruthful,
  ...untidy,
];
