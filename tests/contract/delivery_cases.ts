import assert from "node:assert/strict";
import type { Loss, Receipt } from "../../src/adapter.ts";
import type { Case } from "./case.ts";
import { testContext } from "./context.ts";
import {
  type Answer,
  deliver,
  delivered,
  inPlace,
  type MakePlace,
  withWriter,
} from "./destination_subject.ts";
import { everythingRun, plainRun, unreadableRun } from "./sample_runs.ts";
import { snapshot } from "./scratch.ts";

const kinds = ["unsupported", "converted", "rejected", "truncated"];

/** What answers owe: they come in order, none is ahead of its batch, and losses are of its past. */
function checkAnswers(answers: readonly Answer[], last: Receipt): void {
  let before = -1;
  for (const { batch, receipt } of [...answers, { batch: [], receipt: last }]) {
    const newest = batch.at(-1)?.seq ?? everythingRun.events.length - 1;
    const { through, present, losses } = receipt;
    assert.ok(through >= before && through <= newest, `${through} behind ${before}`);
    before = through;
    assert.equal(present, 0, "nothing was there before");
    for (const { seq, kind, reason } of losses) {
      assert.ok(kinds.includes(kind), kind);
      assert.match(reason, /^.{1,200}$/);
      if (seq !== undefined) assert.ok(seq >= 0 && seq <= newest, `a loss of event ${seq}`);
    }
  }
  assert.equal(last.through, everythingRun.events.length - 1, "all is answered for in the end");
}

function sum(losses: readonly Loss[], path: string): number {
  return losses.filter(({ example }) => example?.includes(path)).length;
}

/** What every destination promises about what is delivered to it. */
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
    name: "answers for every event, in order",
    run: (makePlace) =>
      inPlace(
        makePlace,
        ({ destination }) =>
          deliver(destination, everythingRun, ({ answers, last }) => {
            checkAnswers(answers, last);
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
