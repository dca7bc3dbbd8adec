import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { JournalState } from "../../src/sync/journal.ts";
import type { JournalEntry } from "../../src/sync/journal_entry.ts";
import { Journals } from "../../src/sync/journals.ts";
import { inScratch } from "../contract/scratch.ts";

const run = { source: "memory", path: "/runs/one", id: "one" };
const common = { stamp: "s", wishes: [], manner: [], remote: { id: "there" } };

/** An entry of each type that matters to what is skipped, told apart by its time. */
function entry(type: "open" | "ack" | "finish" | "verify", at: number, bad: boolean): JournalEntry {
  switch (type) {
    case "open": {
      const who = { tool: "runferry 1", host: "here", pid: 7, destination: "place" };
      return { ...common, ...run, ...who, type, at };
    }
    case "ack": {
      const losses = bad ? [{ kind: "rejected" as const, reason: "no", count: 1 }] : [];
      return { type, at, through: 9, points: 5, sent: 10, present: 0, losses };
    }
    case "finish":
      return { type, at, remote: common.remote, events: { run: 1 }, gaps: 0, cut: bad };
    case "verify":
      return {
        ...common,
        type,
        at,
        assurance: "exact",
        differences: bad ? 1 : 0,
        points: 5,
        files: 0,
        bytes: 10,
      };
  }
}

const histories: fc.Arbitrary<readonly string[]> = fc.array(
  fc.tuple(fc.constantFrom("open", "ack", "finish", "verify"), fc.boolean()),
  { minLength: 1, maxLength: 12 },
).map((parts) => parts.map(([type, bad], at) => JSON.stringify(entry(type, at, bad))));

const damages: readonly ((line: string, at: number) => string)[] = [
  (line, at): string => line.slice(0, Math.max(1, at % line.length)),
  (line, at): string => line.slice(0, at % line.length) + "\0" + line.slice(at % line.length),
  (line): string => "\0".repeat(line.length),
  (line, at): string => `${line.slice(0, Math.max(1, at % line.length))}${line}`,
  (line): string => line.replace(/"at":\d+/, '"at":"then"'),
];

/** What a journal with this text proves of a run: all that decides whether it is skipped. */
async function proof(text: string): Promise<JournalState | undefined> {
  return await inScratch(async (directory) => {
    const journals = new Journals({
      directory,
      pid: process.pid,
      tool: "runferry 1",
      breakLock: false,
      now: () => 0,
      notice: (message) => assert.fail(message),
    });
    const { path } = await journals.journal(run, "place");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const { acknowledged, finished, verified } = (await journals.journal(run, "place")).state;
    if (acknowledged === undefined || finished === undefined) return undefined;
    return verified && { acknowledged, finished, verified };
  });
}

test("a journal with damaged lines proves what it proved before the damage, or nothing", () =>
  fc.assert(
    fc.asyncProperty(
      histories,
      fc.array(fc.tuple(fc.nat(11), fc.nat(300), fc.constantFrom(...damages)), { minLength: 1 }),
      async (lines, places) => {
        const damaged = new Map(places.map(([line, ...rest]) => [line % lines.length, rest]));
        const text = lines.map((line, number) => {
          const [at, damage] = damaged.get(number) ?? [];
          return at === undefined || damage === undefined ? line : damage(line, at);
        });
        const seen = await proof(`${text.join("\n")}\n`);
        if (seen !== undefined) assert.deepEqual(seen, await proof(`${lines.join("\n")}\n`));
      },
    ),
    { numRuns: 300 },
  ));
