import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readLog } from "../../../adapters/destinations/swanlab/read_log.ts";
import { fakePlace } from "./fake_place.ts";
import { openRecordingProxy } from "./recording_proxy.ts";

/** A line as a host keeps it. */
interface Line {
  readonly epoch: number;
  readonly level: string;
}

/** What a page is asked for. */
interface Question {
  readonly offset: number;
  readonly size: number;
  readonly level: string;
}

/** Ways in which a host may understand a question; lines are in order of their numbers. */
const readings: {
  readonly [name: string]: (lines: readonly Line[], question: Question) => readonly Line[];
} = {
  "rows": (lines, { offset, size }) => lines.slice(offset, offset + size),
  "numbers of lines before": (lines, { offset, size }) =>
    lines.filter(({ epoch }) => epoch > offset).slice(0, size),
  "numbers of first lines": (lines, { offset, size }) =>
    lines.filter(({ epoch }) => epoch >= offset).slice(0, size),
  "pages": (lines, { offset, size }) => lines.slice(offset * size, (offset + 1) * size),
};

const ranks = ["INFO", "WARN", "ERROR"];
const levels: { readonly [name: string]: (line: Line, level: string) => boolean } = {
  "itself": (line, level) => line.level === level,
  "itself and all above": (line, level) => ranks.indexOf(line.level) >= ranks.indexOf(level),
};

/** Lines of which an hour is missing, with some warnings in between. */
const lines: readonly Line[] = Array.from({ length: 6300 }, (_, at) => ({
  epoch: at + 1,
  level: at % 100 === 7 ? "WARN" : at % 1000 === 5 ? "ERROR" : "INFO",
})).filter(({ epoch }) => epoch <= 2150 || epoch > 4000);

/** How the lines are given back. */
interface Manner {
  readonly reading: string;
  readonly level: string;
  /** Lines that the host gives at most. */
  readonly most?: number;
  /** Whether it tells how many there are. */
  readonly counts?: boolean;
}

/** Reads all lines from a host of some manner; resolves to their number and that of requests. */
async function readFrom(
  kept: readonly Line[],
  { reading, level, most = 1000, counts = true }: Manner,
): Promise<{ readonly found: number; readonly doubled: number; readonly asked: number }> {
  await using host = await openRecordingProxy();
  const place = fakePlace(host, ({ path }) => {
    const query = new URL(path, "http://x").searchParams;
    const wanted = query.get("level") ?? "";
    const fitting = kept.filter((line) => levels[level]?.(line, wanted));
    const size = Math.min(most, Number(query.get("size")));
    const offset = Number(query.get("epoch"));
    const page = readings[reading]?.(fitting, { offset, size, level: wanted }) ?? [];
    const logs = page.map(({ epoch, level }) => ({
      epoch,
      level,
      message: `line ${epoch}`,
      timestamp: "2026-01-01T00:00:00.000Z",
    }));
    const body = counts ? { logs, count: fitting.length } : { logs };
    return { status: 200, body: JSON.stringify(body) };
  });
  const tally = await readLog(place);
  const asked = host.passed.filter(({ path }) => path.includes("/log?")).length;
  return { found: tally?.steps.size ?? -1, doubled: tally?.doubled ?? -1, asked };
}

describe("the log of a run", () => {
  for (const reading of Object.keys(readings)) {
    for (const level of Object.keys(levels)) {
      it(`is read whole where the offset means ${reading} and a level ${level}`, async () => {
        const { found, doubled, asked } = await readFrom(lines, { reading, level });
        assert.deepEqual({ found, doubled }, { found: lines.length, doubled: 0 });
        assert.ok(asked < 40, `asked ${asked} times`);
        const untold = await readFrom(lines, { reading, level, counts: false });
        assert.equal(untold.found, lines.length);
      });
    }
  }

  it("is read whole from a host that gives less at once than it is asked for", async () => {
    const manner = { reading: "rows", level: "itself", most: 300 };
    assert.equal((await readFrom(lines, manner)).found, lines.length);
  });

  it("that is short takes one question a level", async () => {
    const manner = { reading: "rows", level: "itself and all above" };
    const short = lines.slice(0, 50).map(({ epoch }) => ({ epoch, level: "ERROR" }));
    const { found, asked } = await readFrom(short, manner);
    assert.deepEqual([found, asked], [50, 3]);
    assert.deepEqual((await readFrom([], manner)).found, 0);
  });

  it("has a line more than once where a page says so", async () => {
    const twice = [...lines.slice(0, 20), ...lines.slice(19, 30)];
    const { found, doubled } = await readFrom(twice, { reading: "rows", level: "itself" });
    assert.deepEqual([found, doubled], [30, 1]);
  });

  it("is unknown where the host has no such question", async () => {
    for (const answer of [{ status: 404, body: "{}" }, { status: 200, body: "{}" }]) {
      await using host = await openRecordingProxy();
      assert.equal(await readLog(fakePlace(host, () => answer)), undefined);
    }
  });
});
