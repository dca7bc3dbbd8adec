import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Loss, Receipt } from "../../src/adapter.ts";
import type { Tally } from "../../src/model/tally.ts";
import type { Case } from "./case.ts";
import { testContext } from "./context.ts";
import {
  deliver,
  delivered,
  type DestinationPlace,
  type MakePlace,
  withWriter,
} from "./destination_subject.ts";
import { everythingRun, plainRun, unreadableRun } from "./sample_runs.ts";
import { inScratch, snapshot } from "./scratch.ts";

/** Calls `use` with an empty place in a folder of its own. */
export function inPlace(
  makePlace: MakePlace,
  use: (place: DestinationPlace, scratch: string) => Promise<void>,
): Promise<void> {
  return inScratch(async (scratch) => {
    const folder = join(scratch, "place");
    mkdirSync(folder);
    await use(makePlace(folder), scratch);
  });
}

const kinds = ["unsupported", "converted", "rejected", "truncated"];

function checkReceipt({ through, present, losses }: Receipt, first: number, last: number): void {
  assert.equal(through, last, "everything of the batch is answered for");
  assert.ok(Number.isInteger(present) && present >= 0 && present <= last - first + 1);
  for (const { seq, kind, reason } of losses) {
    assert.ok(kinds.includes(kind), kind);
    assert.match(reason, /^.{1,200}$/);
    if (seq !== undefined) assert.ok(seq >= first && seq <= last, `a loss of event ${seq}`);
  }
}

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

function sum(losses: readonly Loss[], path: string): number {
  return losses.filter(({ example }) => example?.includes(path)).length;
}

/** What a destination promises about what is delivered to it. */
export const deliveryCases: readonly Case<MakePlace>[] = [
  {
    name: "changes nothing when it is checked or opened",
    run: (makePlace) =>
      inPlace(makePlace, async ({ destination, holdings }, scratch) => {
        const before = snapshot(scratch);
        const account = await destination.check(testContext());
        assert.notEqual(account.name, "");
        await withWriter(destination, plainRun, () => Promise.resolve());
        assert.deepEqual(snapshot(scratch), before);
        assert.deepEqual(await holdings(), []);
      }),
  },
  {
    name: "verifies what was delivered, with the assurance that it announces",
    run: (makePlace) =>
      inPlace(makePlace, async ({ destination, holdings }) => {
        const { assurance, differences } = await delivered(destination, plainRun);
        assert.deepEqual(differences, []);
        assert.equal(assurance, destination.capabilities.assurance);
        assert.notDeepEqual(await holdings(), []);
      }),
  },
  {
    name: "keeps every type of event and every value",
    run: (makePlace) =>
      inPlace(makePlace, async ({ destination }) => {
        const { differences } = await delivered(destination, everythingRun);
        assert.deepEqual(differences, []);
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
    name: "answers for every event, in order",
    run: (makePlace) =>
      inPlace(
        makePlace,
        ({ destination }) =>
          deliver(destination, everythingRun, ({ answers, last }) => {
            for (const { batch, receipt } of answers) {
              checkReceipt(receipt, batch[0]?.seq ?? 0, batch.at(-1)?.seq ?? 0);
              assert.equal(receipt.present, 0, "nothing was there before");
            }
            checkReceipt(last, 0, everythingRun.events.length - 1);
            return Promise.resolve();
          }),
      ),
  },
  {
    name: "names a file that cannot be read as lost, and keeps the rest",
    run: (makePlace) =>
      inPlace(
        makePlace,
        ({ destination }) =>
          deliver(destination, unreadableRun, async ({ writer, answers, last, tally }) => {
            const losses = [...answers.flatMap(({ receipt }) => receipt.losses), ...last.losses];
            assert.equal(sum(losses, "missing.png"), 1, "the file is lost once");
            assert.deepEqual(losses.map(({ kind }) => kind), ["rejected"]);
            assert.deepEqual((await writer.verify(tally)).differences, []);
          }),
      ),
  },
];
