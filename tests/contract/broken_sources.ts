/** Sources that break one promise each, and the case that must notice. */
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createReadStream, existsSync, readdirSync, utimesSync } from "node:fs";
import { Readable } from "node:stream";
import type { RunReader, Source } from "../../src/adapter.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { SourceEntry } from "../../src/model/file.ts";
import { lines } from "./lines_source.ts";

/** A broken source and the names of the cases that it must fail: these and no others. */
export interface BrokenSource {
  readonly what: string;
  readonly source: Source;
  readonly fails: readonly string[];
}

/** The reference source with some of an open run's parts replaced. */
function withReader(change: (reader: RunReader, log: string) => Partial<RunReader>): Source {
  return {
    ...lines,
    async open(ref, context): Promise<RunReader> {
      const reader = await lines.open(ref, context);
      const changed = change(reader, ref.log ?? ref.path);
      const own = Object.getOwnPropertyDescriptors(reader);
      return Object.defineProperties({}, {
        ...own,
        ...Object.getOwnPropertyDescriptors(changed),
      }) as RunReader;
    },
  };
}

/** The reference source with other events. */
function withEvents(change: (events: readonly RunEvent[]) => readonly RunEvent[]): Source {
  return withReader((reader) => ({
    async *events(): AsyncGenerator<readonly RunEvent[]> {
      const all: RunEvent[] = [];
      for await (const array of reader.events()) all.push(...array);
      yield change(all);
    },
  }));
}

function renumbered(events: readonly RunEvent[]): readonly RunEvent[] {
  return events.map((event, seq) => ({ ...event, seq }));
}

function isStep(event: RunEvent, step: number): boolean {
  return event.type === "history" && event.step === step;
}

const logged = "gives every value that was logged, once and as it was";
const counts = "counts seq from 0 without gaps";

/** Sources whose events are wrong. */
const wrongEvents: readonly BrokenSource[] = [
  {
    what: "drops an event",
    source: withEvents((events) => renumbered(events.filter((event) => !isStep(event, 3)))),
    fails: [logged],
  },
  {
    what: "gives an event twice",
    source: withEvents((events) =>
      renumbered(events.flatMap((event) => isStep(event, 3) ? [event, event] : [event]))
    ),
    fails: [logged],
  },
  {
    what: "alters one value a little",
    source: withEvents((events) =>
      events.map((event) =>
        isStep(event, 3) && event.type === "history"
          ? { ...event, values: { ...event.values, loss: 0.25000000000000006 } }
          : event
      )
    ),
    fails: [logged],
  },
  {
    what: "gives the last events first",
    source: withEvents(([run, ...rest]) => renumbered(run ? [run, ...rest.reverse()] : [])),
    fails: [
      "finishes at most once, and then says no more",
      "reads a log that is cut anywhere up to the cut",
    ],
  },
  {
    what: "leaves out a seq",
    source: withEvents((events) =>
      events.map((event) => event.seq < 3 ? event : { ...event, seq: event.seq + 1 })
    ),
    fails: [
      counts,
      "reads a log that is cut anywhere up to the cut",
      "invents no value when a byte is flipped",
    ],
  },
  {
    what: "begins with the config",
    source: withEvents(([run, config, ...rest]) =>
      renumbered(config === undefined || run === undefined ? [] : [config, run, ...rest])
    ),
    fails: ["tells who the run is, as its first event does", "begins with who the run is"],
  },
  {
    what: "says more after the end",
    source: withEvents((events) => {
      const last = events.at(-1);
      if (last?.type !== "finish") return events;
      return [...events, { type: "summary", seq: events.length, set: {} }];
    }),
    fails: ["finishes at most once, and then says no more"],
  },
  {
    what: "gives half steps",
    source: withEvents((events) =>
      events.map((event) => event.type === "finish" ? { ...event, step: 0.5 } : event)
    ),
    fails: ["gives events of plain values, whole steps and finite times"],
  },
  {
    what: "gives dates instead of numbers",
    source: withEvents((events) =>
      events.map((event) =>
        event.type === "run" ? { ...event, startedAt: new Date(0) as unknown as number } : event
      )
    ),
    fails: ["gives events of plain values, whole steps and finite times"],
  },
];

/** Sources that read wrongly. */
const wrongReading: readonly BrokenSource[] = [
  {
    what: "gives an empty array",
    source: withReader((reader) => ({
      async *events(): AsyncGenerator<readonly RunEvent[]> {
        yield [];
        yield* reader.events();
      },
    })),
    fails: ["gives arrays that are never empty"],
  },
  {
    what: "gives its events only once",
    source: withReader((reader) => {
      let given = false;
      return {
        async *events(): AsyncGenerator<readonly RunEvent[]> {
          if (!given) yield* reader.events();
          given = true;
        },
      };
    }),
    fails: ["gives the same events when asked again, also at the same time"],
  },
  {
    what: "throws where the log is cut",
    source: withReader((reader) => ({
      async *events(): AsyncGenerator<readonly RunEvent[]> {
        yield* reader.events();
        if (reader.tail !== undefined) throw new Error(reader.tail.reason);
      },
    })),
    fails: ["reads a log that is cut anywhere up to the cut", "tells where a log is cut"],
  },
  {
    what: "keeps silent about a cut",
    source: withReader(() => ({ tail: undefined })),
    fails: ["tells where a log is cut"],
  },
  {
    what: "finds a tail in every log",
    source: withReader(() => ({ tail: { offset: 0, bytes: 0, reason: "always" } })),
    fails: ["reads a whole run without a tail or a gap", "tells where a log is cut"],
  },
  {
    what: "keeps silent about damage",
    source: withEvents((events) => renumbered(events.filter(({ type }) => type !== "gap"))),
    fails: ["tells of damage when values are missing"],
  },
  {
    what: "makes up for damage",
    source: withEvents((events) =>
      events.map((event) =>
        event.type === "gap"
          ? { type: "history", seq: event.seq, step: 0, values: { loss: 0 } }
          : event
      )
    ),
    fails: ["invents no value when a byte is flipped", "tells of damage when values are missing"],
  },
  {
    what: "keeps a file open",
    source: withReader((reader, log) => ({
      async *events(): AsyncGenerator<readonly RunEvent[]> {
        kept.push(await open(log));
        yield* reader.events();
      },
    })),
    fails: ["leaves no file open, even when nobody reads on"],
  },
];

/** Keeps handles from being closed by the garbage collector. */
const kept: unknown[] = [];

/** Sources that are wrong about places and files. */
const wrongFiles: readonly BrokenSource[] = [
  {
    what: "claims every directory",
    source: {
      ...lines,
      recognise: async (place, context) =>
        place.entries.some(({ kind }) => kind === "file") && place.kind === "directory"
          ? [{ source: "lines", path: place.path, log: join(place.path, "log.lines") }]
          : await lines.recognise(place, context),
    },
    fails: [
      "recognises the run, whatever its neighbours, and does so again",
      "claims nothing that is not its own",
    ],
  },
  {
    what: "names another source",
    source: withReader(({ info }) => ({ info: { ...info, source: "other" } })),
    fails: ["tells who the run is, as its first event does"],
  },
  {
    what: "touches the log",
    source: withReader((_, log) => {
      utimesSync(log, 0, 0);
      return {};
    }),
    fails: ["writes nothing where it reads"],
  },
  {
    what: "gives the same stamp for ever",
    source: withReader(() => ({ stamp: () => Promise.resolve("stamp") })),
    fails: ["gives a stamp that stays until the data changes"],
  },
  {
    what: "leaves out hidden files",
    source: withReader((reader) => ({
      async *entries(): AsyncGenerator<SourceEntry> {
        for await (const entry of reader.entries()) if (!entry.path.startsWith(".")) yield entry;
      },
    })),
    fails: ["lists everything in the run directory, in order of path"],
  },
  {
    what: "opens whatever it is told to",
    source: withReader((reader) => ({
      file: ({ path }) => {
        const stream = createReadStream(resolve(reader.info.path, path));
        return Promise.resolve(Readable.toWeb(stream) as unknown as ReadableStream<Uint8Array>);
      },
    })),
    fails: ["opens nothing outside the run directory"],
  },
  {
    what: "lists a directory wherever it is",
    source: withReader((reader) => ({
      async *events(): AsyncGenerator<readonly RunEvent[]> {
        const all: RunEvent[] = [];
        for await (const array of reader.events()) all.push(...array);
        const files = join(reader.info.path, "files");
        const names = existsSync(files) ? readdirSync(files) : [];
        const listed = names.map((name): RunEvent => ({
          type: "file",
          seq: 0,
          name,
          file: { path: `files/${name}` },
          purpose: "saved",
        }));
        const isFinish = ({ type }: RunEvent): boolean => type === "finish";
        yield renumbered([
          ...all.filter((event) => !isFinish(event)),
          ...listed,
          ...all.filter(isFinish),
        ]);
      },
    })),
    fails: ["does not look through a link at what lies outside"],
  },
  {
    what: "cuts files short",
    source: withReader((reader) => ({
      async file(ref): Promise<ReadableStream<Uint8Array>> {
        const bytes = await new Response(await reader.file(ref)).bytes();
        return new Blob([bytes.subarray(1)]).stream();
      },
    })),
    fails: [
      "gives the content of every file that it lists",
      "opens what lies outside when the user allows it",
    ],
  },
];

/** All of them. */
export const brokenSources: readonly BrokenSource[] = [
  ...wrongEvents,
  ...wrongReading,
  ...wrongFiles,
];
