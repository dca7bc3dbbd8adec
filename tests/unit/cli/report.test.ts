import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reporter } from "../../../src/cli/report.ts";
import { JsonReporter } from "../../../src/cli/report_json.ts";
import { TextReporter } from "../../../src/cli/report_text.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import type { Outcome, Totals } from "../../../src/sync/outcome.ts";
import { KeptOutput, outcomeOf } from "./outcomes.ts";

const info: RunInfo = {
  source: "wandb",
  path: "/data/wandb/offline-run-20261123_081135-3b45d971",
  directory: "offline-run-20261123_081135-3b45d971",
  id: "3b45d971",
  name: "swift-dog-3",
  project: "dogs",
  writer: { tracker: "wandb", version: "0.31.0", format: "G2" },
};

const totals: Totals = {
  runs: 4,
  done: 1,
  partial: 1,
  failed: 1,
  skipped: 1,
  points: 123456,
  files: 12,
  bytes: 12_345_678,
  seconds: 1.23,
};

/** One outcome of each kind. */
const outcomes: readonly Outcome[] = [
  outcomeOf({ info, points: 123456, files: 12, bytes: 12_345_678 }),
  outcomeOf({
    info: { ...info, directory: "run-2" },
    status: "partial",
    assurance: "counted",
    points: 7,
    excluded: { console: 12 },
    losses: [{ kind: "rejected", reason: "file is missing", count: 3, example: "media/a\x1b.png" }],
    gaps: 2,
    tail: { offset: 1000, bytes: 17, reason: "a record is cut short" },
  }),
  outcomeOf({
    path: "/work/broken",
    status: "failed",
    assurance: "none",
    error: { code: "source", message: "Cannot open x\ny", hint: "Check it." },
  }),
  outcomeOf({ info: { ...info, directory: "run-4", name: "run-4" }, status: "skipped" }),
];

function textReporter(
  { purpose = "sync", verbosity = 0, columns = Infinity, destinations = ["archive:/a"] }: {
    readonly purpose?: "sync" | "verify";
    readonly verbosity?: number;
    readonly columns?: number;
    readonly destinations?: readonly string[];
  } = {},
): { readonly reporter: Reporter; readonly stdout: KeptOutput; readonly stderr: KeptOutput } {
  const stdout = new KeptOutput({ columns });
  const stderr = new KeptOutput();
  const options = { stdout, stderr, cwd: "/work", purpose, destinations, verbosity };
  return { reporter: new TextReporter(options), stdout, stderr };
}

describe("text report of sync", () => {
  it("has an aligned line per run, what was lost below it, and a sum", async () => {
    const { reporter, stdout } = textReporter();
    for (const outcome of outcomes) await reporter.outcome(outcome);
    await reporter.summary(totals, 3);
    assert.equal(
      stdout.text,
      `\
STATUS        POINTS   FILES      SIZE  PROOF     RUN
done         123,456      12   12.3 MB  exact     offline-run-20261123_081135-3b45d971  swift-dog-3
partial            7       0       0 B  counted   run-2  swift-dog-3
          lost: 3 rejected, file is missing (such as media/a\\x1b.png)
          left out: 12 console, as asked
          damage: 2 places in the log cannot be read; reading went on after them.
          cut: The log ends early at byte 1,000, 17 bytes before its end (a record is cut short): the job was killed or still runs.
failed             0       0       0 B  -         broken
          error: Cannot open x\\ny
          hint: Check it.
skipped            0       0       0 B  exact     run-4

4 runs: 1 done, 1 partial, 1 failed, 1 skipped; 123,456 points, 12 files, 12.3 MB in 1.2 s
Sync again once the errors above are seen to: what has arrived is skipped.
`,
    );
  });

  it("fits the width of the terminal", async () => {
    const { reporter, stdout } = textReporter({ columns: 80 });
    for (const outcome of outcomes.slice(0, 2)) await reporter.outcome(outcome);
    assert.equal(
      stdout.text,
      `\
STATUS        POINTS   FILES      SIZE  PROOF     RUN
done         123,456      12   12.3 MB  exact     offline-run-202…81135-3b45d971
partial            7       0       0 B  counted   run-2  swift-dog-3
          lost: 3 rejected, file is missing (such as media/a\\x1b.png)
          left out: 12 console, as asked
          damage: 2 places in the log cannot be read; reading went on after
                  them.
          cut: The log ends early at byte 1,000, 17 bytes before its end (a
               record is cut short): the job was killed or still runs.
`,
    );
  });
});

describe("a line of the text report", () => {
  it("names the destination when there are several", async () => {
    const { reporter, stdout } = textReporter({ destinations: ["archive:/a", "archive:/bc"] });
    await reporter.outcome(outcomeOf({ info, destination: "archive:/bc" }));
    assert.match(stdout.text, /PROOF {5}DESTINATION {2}RUN\n.*exact {5}archive:\/bc {2}offline/);
  });

  it("says what to try next, fit to be typed", async () => {
    const { reporter, stdout } = textReporter({ destinations: ["archive:/work/my runs"] });
    await reporter.summary({ ...totals, failed: 0 }, 0);
    assert.match(stdout.text, /\nTry next: runferry verify 'my runs', or runferry ls 'my runs'\n$/);
  });

  it("counts what was cancelled instead of listing it", async () => {
    const { reporter, stdout } = textReporter();
    const error = { code: "cancelled", message: "Cancelled" } as const;
    await reporter.outcome(outcomeOf({ info }));
    await reporter.outcome(outcomeOf({ info, status: "failed", error }));
    await reporter.summary({ ...totals, runs: 2, partial: 0, skipped: 0 }, 130);
    assert.equal(stdout.text.match(/offline-run/g)?.length, 1);
    assert.match(stdout.text, /^2 runs: 1 done, 0 partial, 0 failed, 0 skipped, 1 cancelled;/m);
    assert.match(stdout.text, /\nRun the same command again to go on from here\.\n$/);
  });

  it("says nothing about what went well when quiet", async () => {
    const { reporter, stdout } = textReporter({ verbosity: -1 });
    await reporter.outcome(outcomeOf({ info }));
    await reporter.summary(totals, 0);
    assert.equal(stdout.text, "");
    await reporter.outcome(outcomeOf({ info, status: "partial" }));
    assert.match(stdout.text, /^partial/m);
  });

  it("tells where from, where to and what when verbose", async () => {
    const { reporter, stdout } = textReporter({ verbosity: 1 });
    await reporter.outcome(
      outcomeOf({ info, remote: { id: "dogs/x.tar" }, events: { history: 3, console: 1 } }),
    );
    assert.match(stdout.text, /from: \/data\/swanlog\/run-1\n/);
    assert.match(stdout.text, /to: archive:\/a as dogs\/x\.tar\n/);
    assert.match(stdout.text, /events: 3 history, 1 console\n/);
  });

  it("says of a stale run what there is of it, unless quiet", async () => {
    for (
      const [assurance, there] of [["none", "nothing"], ["accepted", "what there is"]] as const
    ) {
      const stale = outcomeOf({ status: "partial", stale: true, assurance });
      const { reporter, stdout } = textReporter();
      await reporter.outcome(stale);
      assert.match(
        stdout.text,
        new RegExp(`^stale [^]*stale: It has not grown .*; ${there} of it`, "m"),
      );
      const quiet = textReporter({ verbosity: -1 });
      await quiet.reporter.outcome(stale);
      assert.equal(quiet.stdout.text, "");
    }
  });

  it("says that a dry run wrote nothing", async () => {
    const { reporter, stdout } = textReporter();
    await reporter.outcome(outcomeOf({ info, status: "skipped", planned: true }));
    await reporter.summary({ ...totals, runs: 1, failed: 0 }, 0);
    assert.match(stdout.text, /^planned /m);
    assert.match(stdout.text, /1 run: 1 planned, 0 failed/);
    assert.match(stdout.text, /nothing was written to \/a\.\n$/);
  });
});

describe("text report of verify", () => {
  it("shows the first differences and how many more there are", async () => {
    const { reporter, stdout } = textReporter({ purpose: "verify" });
    const differences = Array.from({ length: 8 }, (_, index) => `The file ${index} differs.`);
    await reporter.outcome(outcomeOf({
      info,
      status: "failed",
      differences,
      error: { code: "verify", message: "is said already" },
    }));
    await reporter.summary({ ...totals, runs: 1, done: 0, partial: 0, skipped: 0 }, 15);
    assert.match(stdout.text, /^differs/m);
    assert.equal(stdout.text.match(/differs: The file/g)?.length, 5);
    assert.match(stdout.text, /differs: 3 more; -v shows all\./);
    assert.doesNotMatch(stdout.text, /said already/);
    assert.match(stdout.text, /1 run: 0 verified, 1 not/);
  });
});

describe("text report of a failure", () => {
  it("goes to stderr: what cannot be done, then what to do", async () => {
    const { reporter, stdout, stderr } = textReporter();
    await reporter.failure({ code: "usage", message: "No \x1b[31m", hint: "Do this." });
    assert.equal(stdout.text, "");
    assert.equal(stderr.text, "error: No \\x1b[31m\n  Do this.\n");
  });
});

describe("JSON report", () => {
  it("is one object a line with exact numbers and escaped text", async () => {
    const output = new KeptOutput();
    const reporter = new JsonReporter(output);
    for (const outcome of outcomes) await reporter.outcome(outcome);
    await reporter.summary(totals, 3);
    await reporter.failure({ code: "source", message: "none" });
    const lines = output.text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ type }) => type), [
      "run",
      "run",
      "run",
      "run",
      "summary",
      "error",
    ]);
    assert.deepEqual(lines[0].run, { id: "3b45d971", name: "swift-dog-3", project: "dogs" });
    assert.equal("info" in lines[0], false);
    assert.equal("run" in lines[2], false);
    assert.equal(lines[1].losses[0].example, "media/a\x1b.png");
    assert.equal(output.text.includes("\x1b"), false);
    assert.deepEqual(lines[4], { type: "summary", ...totals, exit: 3 });
  });
});
