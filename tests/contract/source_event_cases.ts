import assert from "node:assert/strict";
import { basename } from "node:path";
import type { RunEvent } from "../../src/model/event.ts";
import type { Case } from "./case.ts";
import { copyInto, inScratch, openFiles } from "./scratch.ts";
import {
  historyPoints,
  pointText,
  readAll,
  reading,
  recognised,
  type SourceSubject,
  withCopy,
  withReader,
} from "./source_subject.ts";

/** A case that looks at all events of the sample. */
function onEvents(
  name: string,
  check: (events: readonly RunEvent[], subject: SourceSubject) => void,
): Case<SourceSubject> {
  return {
    name,
    run: (subject) =>
      withCopy(subject, async ({ ref }) => {
        check((await reading(subject.source, ref)).events, subject);
      }),
  };
}

function isWhole(value: unknown): boolean {
  if (typeof value === "bigint") return !Number.isSafeInteger(Number(value));
  return Number.isSafeInteger(value);
}

/** Every value below a value, itself included. */
function* within(value: unknown): Generator<unknown> {
  yield value;
  if (typeof value !== "object" || value === null) return;
  for (const part of Object.values(value)) yield* within(part);
}

function checkShape(event: RunEvent): void {
  const what = `event ${event.seq} (${event.type})`;
  if (event.time !== undefined) assert.ok(Number.isFinite(event.time), `${what} has a finite time`);
  if ("step" in event) assert.ok(isWhole(event.step), `${what} has a whole step`);
  for (const value of within(event)) {
    assert.notEqual(value, undefined, `${what} leaves out what it does not know`);
    const plain = typeof value !== "object" || value === null || Array.isArray(value) ||
      Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
    assert.ok(plain && typeof value !== "function", `${what} is made of plain values`);
  }
}

/** What a source promises about recognising, opening and the events of a whole run. */
export const eventCases: readonly Case<SourceSubject>[] = [
  {
    name: "recognises the run, whatever its neighbours, and does so again",
    run: (subject) =>
      inScratch(async (directory) => {
        const { source, sample, foreign } = subject;
        copyInto(directory, sample.path);
        const [alone] = await recognised(source, directory);
        assert.ok(alone, "the run is recognised");
        assert.equal(alone.source, source.name);
        for (const path of foreign) copyInto(directory, path);
        assert.deepEqual(await recognised(source, directory), [alone]);
        assert.deepEqual(await recognised(source, directory), [alone]);
      }),
  },
  {
    name: "claims nothing that is not its own",
    run: ({ source, foreign }) =>
      inScratch(async (directory) => {
        assert.deepEqual(await recognised(source, directory), []);
        for (const path of foreign) {
          assert.deepEqual(await recognised(source, copyInto(directory, path)), []);
        }
      }),
  },
  {
    name: "tells who the run is, as its first event does",
    run: (subject) =>
      withCopy(subject, ({ ref }) =>
        withReader(subject.source, ref, async (reader) => {
          const { info } = reader;
          assert.equal(info.source, subject.source.name);
          assert.equal(info.path, ref.path);
          assert.match(info.directory, /^[^/\\]+$/);
          assert.ok(basename(info.path).startsWith(info.directory));
          const [first] = await readAll(reader);
          assert.equal(first?.type, "run");
          assert.equal(first.id, info.id);
          assert.deepEqual(first.writer, info.writer);
        })),
  },
  onEvents("counts seq from 0 without gaps", (events) => {
    assert.deepEqual(events.map(({ seq }) => seq), [...events.keys()]);
  }),
  onEvents("begins with who the run is", (events) => assert.equal(events[0]?.type, "run")),
  onEvents("finishes at most once, and then says no more", (events) => {
    const finish = events.findIndex(({ type }) => type === "finish");
    if (finish !== -1) assert.equal(finish, events.length - 1);
  }),
  onEvents("gives events of plain values, whole steps and finite times", (events) => {
    for (const event of events) checkShape(event);
  }),
  onEvents("gives every value that was logged, once and as it was", (events, { sample }) => {
    const texts = (points: SourceSubject["sample"]["points"]): readonly string[] =>
      points.map(pointText).sort();
    const keys = new Set(sample.points.map(([key]) => key));
    const found = historyPoints(events).filter(([key]) => keys.has(key));
    assert.ok(sample.points.length > 0, "the sample says what was logged");
    assert.deepEqual(texts(found), texts(sample.points));
  }),
  {
    name: "gives arrays that are never empty",
    run: (subject) =>
      withCopy(subject, ({ ref }) =>
        withReader(subject.source, ref, async (reader) => {
          for await (const array of reader.events()) assert.notEqual(array.length, 0);
        })),
  },
  {
    name: "gives the same events when asked again, also at the same time",
    run: (subject) =>
      withCopy(subject, ({ ref }) =>
        withReader(subject.source, ref, async (reader) => {
          const first = await readAll(reader);
          const [second, third] = await Promise.all([readAll(reader), readAll(reader)]);
          assert.deepEqual(second, first);
          assert.deepEqual(third, first);
        })),
  },
  {
    name: "reads a whole run without a tail or a gap",
    run: (subject) =>
      withCopy(subject, async ({ ref }) => {
        const { events, tail } = await reading(subject.source, ref);
        assert.equal(tail, undefined);
        assert.deepEqual(events.filter(({ type }) => type === "gap"), []);
      }),
  },
  {
    name: "leaves no file open, even when nobody reads on",
    run: (subject) =>
      withCopy(subject, async ({ directory, ref }) => {
        await withReader(subject.source, ref, async (reader) => {
          for await (const _ of reader.events()) break;
        });
        await withReader(subject.source, ref, readAll);
        assert.equal(openFiles(directory), 0);
      }),
  },
];
