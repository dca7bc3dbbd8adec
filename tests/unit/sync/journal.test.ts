import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { Journal } from "../../../src/sync/journal.ts";
import type { JournalEntry } from "../../../src/sync/journal_entry.ts";
import { Journals, type JournalsOptions } from "../../../src/sync/journals.ts";
import { inScratch } from "../../contract/scratch.ts";

const run = { source: "memory", path: "/runs/one", id: "one" };
const remote = { id: "there" };
const common = { stamp: "s", wishes: [], manner: [], remote };
const open: JournalEntry = {
  ...common,
  ...run,
  type: "open",
  at: 1,
  tool: "runferry 1",
  host: "here",
  pid: 7,
  destination: "place",
};
const ack: JournalEntry = {
  type: "ack",
  at: 2,
  through: 9,
  points: 5,
  sent: 10,
  present: 0,
  losses: [],
};
const finish: JournalEntry = {
  type: "finish",
  at: 3,
  state: "finished",
  remote,
  events: { run: 1, history: 9 },
  gaps: 0,
  cut: false,
};
const verify: JournalEntry = {
  ...common,
  type: "verify",
  at: 4,
  assurance: "exact",
  differences: 0,
  points: 5,
  files: 0,
  bytes: 10,
};
const clean: JournalEntry = {
  type: "clean",
  at: 5,
  state: "done",
  trash: "/runs/.trash",
  inode: "17",
  stamp: "s",
};

function journalsIn(directory: string, parts: Partial<JournalsOptions> = {}): Journals {
  return new Journals({
    directory,
    pid: process.pid,
    tool: "runferry 1",
    breakLock: false,
    now: () => 0,
    notice: (message) => assert.fail(message),
    ...parts,
  });
}

function journalIn(directory: string): Promise<Journal> {
  return journalsIn(directory).journal(run, "place");
}

/** A journal with this text in it, read anew. */
async function reread(directory: string, text: string): Promise<Journal> {
  const { path } = await journalIn(directory);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return await journalIn(directory);
}

function lines(...entries: readonly unknown[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

describe("a journal", () => {
  it("remembers the last word on each matter", () =>
    inScratch(async (directory) => {
      const journal = await journalIn(directory);
      assert.deepEqual(journal.state, {});
      await journal.append(open);
      await journal.append(ack, finish);
      await journal.append(verify);
      const all = { opened: open, acknowledged: ack, finished: finish, verified: verify };
      assert.deepEqual(journal.state, all);
      assert.deepEqual((await journalIn(directory)).state, all);
      assert.equal(statSync(journal.path).mode & 0o777, 0o600);
    }));

  it("forgets what was compared as soon as something may have been sent behind it", async () => {
    const table: readonly (readonly [JournalEntry, readonly string[]])[] = [
      [open, ["cleaned", "opened"]],
      [ack, ["acknowledged", "cleaned", "finished", "opened"]],
    ];
    for (const [last, known] of table) {
      await inScratch(async (directory) => {
        const { state } = await reread(
          directory,
          lines(open, ack, finish, verify, clean, last),
        );
        assert.deepEqual(Object.keys(state).sort(), known);
      });
    }
  });

  it("doubts a destination that lacked something until all is found there", () =>
    inScratch(async (directory) => {
      const differs = { ...verify, differences: 2 };
      const table: readonly (readonly [readonly JournalEntry[], true | undefined])[] = [
        [[open, differs], true],
        [[open, differs, open, ack, finish], true],
        [[open, differs, open, verify], undefined],
      ];
      for (const [entries, doubted] of table) {
        assert.equal((await reread(directory, lines(...entries))).state.doubted, doubted);
      }
    }));

  it("reads past what it does not know and what is damaged", async () => {
    const table: readonly (readonly [string, unknown])[] = [
      ["an entry of a later version", { type: "surprise", at: 1 }],
      ["an entry without its fields", { type: "open", at: 1 }],
      ["an entry with a field of another kind", { ...verify, differences: "none" }],
      ["a name of Object's own", { type: "constructor" }],
      ["something else", 17],
    ];
    for (const [what, strange] of table) {
      await inScratch(async (directory) => {
        const { state } = await reread(directory, lines(open, strange, ack));
        assert.deepEqual(state, { opened: open, acknowledged: ack }, what);
      });
    }
  });

  it("is cut anywhere, and knows no more then than that something was opened", () =>
    inScratch(async (directory) => {
      const whole = lines(open, ack, finish, verify);
      const before = lines(open, ack, finish).length;
      const notCompared = { opened: open, acknowledged: ack, finished: finish };
      for (let length = before; length < whole.length - 1; length += 7) {
        const torn = await reread(directory, whole.slice(0, length));
        assert.deepEqual(torn.state, length === before ? notCompared : { opened: open });
        await torn.append(verify);
        assert.deepEqual((await journalIn(directory)).state.verified, verify, `${length}`);
      }
    }));

  it("takes what another process appends in between", () =>
    inScratch(async (directory) => {
      const journal = await journalIn(directory);
      await journal.append(open);
      appendFileSync(journal.path, lines(ack));
      await journal.append(finish);
      assert.equal(readFileSync(journal.path, "utf8"), lines(open, ack, finish));
    }));

  it("is read from its end when it has become long", () =>
    inScratch(async (directory) => {
      const long = lines({ ...open, tool: "x".repeat(700_000) });
      const { state } = await reread(directory, long + long + lines(ack, verify));
      assert.deepEqual(state.verified, verify);
      assert.equal(state.opened?.type, "open");
    }));

  it("tells runs and destinations apart", () =>
    inScratch(async (directory) => {
      const journals = journalsIn(directory);
      await (await journals.journal(run, "place")).append(open);
      const others = [{ ...run, id: "two" }, { ...run, path: "/x" }, { ...run, source: "other" }];
      for (const other of others) assert.deepEqual(await journals.known(other), new Map());
      assert.deepEqual((await journals.journal(run, "elsewhere")).state, {});
      assert.deepEqual(await journals.known(run), new Map([["place", { opened: open }]]));
    }));

  it("lasts as long as the process where nothing can be written, which is said once", () =>
    inScratch(async (directory) => {
      const file = join(directory, "file");
      writeFileSync(file, "");
      const notices: string[] = [];
      const journals = journalsIn(join(file, "state"), {
        notice: (message) => void notices.push(message),
      });
      assert.equal(await journals.lock(run, "place"), undefined);
      await (await journals.journal(run, "place")).append(open);
      assert.deepEqual((await journals.journal(run, "place")).state, { opened: open });
      assert.equal(journals.keeps, false);
      assert.equal(notices.length, 1);
      assert.match(notices[0] ?? "", /^Cannot write to .*ENOTDIR.*--state/);
    }));
});
