import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { SourceError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import { Dice } from "../generate/dice.ts";
import type { Case } from "./case.ts";
import { sizeOf } from "./scratch.ts";
import {
  type Copy,
  historyPoints,
  pointText,
  type Reading,
  reading,
  type SourceSubject,
  withCopy,
} from "./source_subject.ts";

const cuts = 20;
const flips = 24;

/** The values in a reading, as texts, in order. */
function texts({ events }: Reading): readonly string[] {
  return historyPoints(events).map(pointText);
}

function checkSeq(events: readonly RunEvent[], what: string): void {
  assert.deepEqual(events.map(({ seq }) => seq), [...events.keys()], what);
}

/** Reads a run that may be refused as a whole; undefined when it was. */
async function readingOrRefusal(
  { source, sample }: SourceSubject,
  { ref }: Copy,
  refusable: boolean,
): Promise<Reading | undefined> {
  try {
    return await reading(source, ref);
  } catch (error) {
    if (!refusable && sample.indivisible === undefined) throw error;
    assert.ok(error instanceof SourceError, `${error} is a SourceError`);
    return undefined;
  }
}

interface Cut {
  readonly offset: number;
  readonly whole: Reading;
  readonly rest: Reading;
}

/** Cuts the log at many places, always from a fresh copy of its bytes. */
function eachCut(subject: SourceSubject, check: (cut: Cut) => void): Promise<void> {
  return withCopy(subject, async (copy) => {
    const { log } = copy;
    if (log === undefined) return;
    const whole = await reading(subject.source, copy.ref);
    const bytes = readFileSync(log);
    const dice = new Dice(bytes.length);
    const offsets = [0, 1, 4, 7, 8, bytes.length - 1];
    while (offsets.length < cuts) offsets.push(dice.below(bytes.length));
    for (const offset of offsets) {
      writeFileSync(log, bytes);
      truncateSync(log, offset);
      const rest = await readingOrRefusal(subject, copy, false);
      if (rest !== undefined) check({ offset, whole, rest });
    }
  });
}

interface Flip {
  readonly offset: number;
  readonly size: number;
  readonly whole: Reading;
  readonly rest: Reading;
}

/** Changes one byte of the log at many places, one at a time. */
function eachFlip(subject: SourceSubject, check: (flip: Flip) => void): Promise<void> {
  return withCopy(subject, async (copy) => {
    const { log } = copy;
    if (log === undefined) return;
    const whole = await reading(subject.source, copy.ref);
    const bytes = readFileSync(log);
    const dice = new Dice(bytes.length + 1);
    for (let round = 0; round < flips; round++) {
      const offset = dice.below(bytes.length);
      const damaged = Uint8Array.from(bytes);
      damaged[offset] = (bytes[offset] ?? 0) ^ (1 << dice.below(8));
      writeFileSync(log, damaged);
      const rest = await readingOrRefusal(subject, copy, true);
      if (rest !== undefined) check({ offset, size: sizeOf(log), whole, rest });
    }
  });
}

/** What a source promises about damaged logs. */
export const damageCases: readonly Case<SourceSubject>[] = [
  {
    name: "reads a log that is cut anywhere up to the cut",
    run: (subject) =>
      eachCut(subject, ({ offset, whole, rest }) => {
        checkSeq(rest.events, `cut at ${offset}`);
        const found = texts(rest);
        assert.deepEqual(found, texts(whole).slice(0, found.length), `cut at ${offset}`);
      }),
  },
  {
    name: "tells where a log is cut",
    run: async (subject) => {
      let told = 0;
      let seen = 0;
      await eachCut(subject, ({ offset, whole, rest }) => {
        const { tail } = rest;
        if (texts(rest).length < texts(whole).length) seen++;
        if (tail === undefined) {
          if (rest.events.some(({ type }) => type === "gap")) told++;
          return;
        }
        told++;
        assert.ok(tail.reason.length > 0);
        assert.ok(tail.offset >= 0 && tail.offset <= offset, `cut at ${offset}`);
        assert.equal(tail.offset + tail.bytes, offset, `cut at ${offset}`);
      });
      // A cut between two records looks like a log that goes on; most cuts are inside one.
      assert.ok(told >= seen / 2, `${told} of ${seen} cuts are told`);
    },
  },
  {
    name: "invents no value when a byte is flipped",
    run: (subject) =>
      eachFlip(subject, ({ offset, whole, rest }) => {
        checkSeq(rest.events, `flipped at ${offset}`);
        const left = texts(whole).slice();
        for (const text of texts(rest)) {
          const at = left.indexOf(text);
          assert.notEqual(at, -1, `flipped at ${offset}: ${text} was never logged`);
          left.splice(at, 1);
        }
      }),
  },
  {
    name: "tells of damage when values are missing",
    run: (subject) =>
      eachFlip(subject, ({ offset, size, whole, rest }) => {
        const gaps = rest.events.filter((event) => event.type === "gap");
        for (const gap of gaps) {
          assert.ok(gap.offset >= 0 && gap.bytes > 0 && gap.offset + gap.bytes <= size);
          assert.ok(gap.reason.length > 0);
        }
        if (texts(rest).length === texts(whole).length) return;
        const told = gaps.length > 0 || rest.tail !== undefined ||
          rest.events.some(({ type }) => type === "unknown");
        assert.ok(told, `flipped at ${offset}`);
      }),
  },
];
