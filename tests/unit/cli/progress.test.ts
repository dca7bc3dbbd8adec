import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProgressDisplay, type ProgressMode } from "../../../src/cli/progress.ts";
import { KeptOutput } from "./outcomes.ts";

function display(
  mode: ProgressMode,
  columns = 80,
): { readonly output: KeptOutput; readonly progress: ProgressDisplay; readonly clock: Clock } {
  const clock = new Clock();
  const output = new KeptOutput({ live: true, columns });
  const progress = new ProgressDisplay(output, mode, () => clock.now);
  return { output, progress, clock };
}

class Clock {
  /** ms. */
  now = 1_000_000;
}

function work(progress: ProgressDisplay): void {
  progress.total(4, 1000);
  progress.points(1500);
  progress.bytes(20_000_000);
  progress.file();
  progress.runEnded("/a", 250);
}

describe("progress", () => {
  it("tells runs, points, files, bytes, rate and what is left", () => {
    const { progress, clock } = display("live");
    assert.equal(progress.text(), "looking for runs  0 points  0 files  0 B at 0 B/s");
    work(progress);
    clock.now += 10_000;
    assert.equal(
      progress.text(),
      "1/4 runs  1,500 points  1 file  20.0 MB at 2.0 MB/s  30.0 s left",
    );
  });

  it("goes by runs when no sizes are known", () => {
    const { progress, clock } = display("live");
    progress.total(2, 0);
    progress.runEnded("/a", 0);
    clock.now += 5000;
    assert.match(progress.text(), / 5\.0 s left$/);
  });

  it("redraws one line on a terminal, cut to its width, and takes it away", async () => {
    const { output, progress, clock } = display("live", 20);
    await progress.tick();
    assert.equal(output.text, "", "not for commands that end at once");
    work(progress);
    clock.now += 1000;
    await progress.tick();
    assert.equal(output.text, "\r\x1b[K1/4 runs  1,500 po…");
    await progress.hide();
    await progress.hide();
    assert.equal(output.text, "\r\x1b[K1/4 runs  1,500 po…\r\x1b[K");
  });

  it("stays away while something else is written", async () => {
    const { output, progress, clock } = display("live");
    clock.now += 1000;
    await progress.tick();
    await progress.aside(async () => {
      output.text += "|";
      await progress.tick();
      output.text += "|";
    });
    assert.ok(output.text.endsWith("B/s\r\x1b[K||"), JSON.stringify(output.text));
    await progress.tick();
    assert.ok(output.text.endsWith("B/s"), JSON.stringify(output.text));
  });
});

describe("progress without a terminal", () => {
  it("is a plain line a minute", async () => {
    const { output, progress, clock } = display("plain");
    work(progress);
    for (let second = 0; second < 150; second++) {
      clock.now += 1000;
      await progress.tick();
    }
    await progress.hide();
    assert.equal(output.text.split("\n").length - 1, 2);
    assert.match(output.text, /^1\/4 runs .*left\n1\/4 runs .*left\n$/);
  });

  it("is silence when off", async () => {
    const { output, progress, clock } = display("off");
    clock.now += 1e9;
    await progress.tick();
    await progress.hide();
    assert.equal(output.text, "");
  });
});
