/** What happens to a run between the moment it is proven and the moment it goes. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { snapshot } from "../../contract/scratch.ts";
import { inPlace, isThere, later, type Place } from "./clean_place.ts";
import { pipedInput } from "./fake_shell.ts";

const words = ["clean", "wandb", "--min-age", "0", "--json"];
const log = "run-fxbasic1.wandb";

interface Attack {
  readonly what: string;
  strike(place: Place): void;
}

/** Takes the run away, so that something else can have its name. */
function hide({ directory, run }: Place): string {
  const hidden = join(directory, "hidden");
  renameSync(run, hidden);
  return hidden;
}

/** A directory that is nobody's to delete. */
function makePrecious({ directory }: Place): string {
  const precious = join(directory, "precious");
  mkdirSync(precious);
  writeFileSync(join(precious, "thesis.tex"), "years of work");
  return precious;
}

const attacks: readonly Attack[] = [
  {
    what: "a link takes its place",
    strike: (place) => symlinkSync(makePrecious(place), (hide(place), place.run)),
  },
  {
    what: "a link to the run itself takes its place",
    strike: (place) => symlinkSync(hide(place), place.run),
  },
  {
    what: "another directory takes its place",
    strike: (place) => renameSync(makePrecious(place), (hide(place), place.run)),
  },
  {
    what: "its log grows",
    strike: ({ run }) => appendFileSync(join(run, log), "one more record"),
  },
  {
    what: "a file is added",
    strike: ({ run }) => writeFileSync(join(run, "files", "late.txt"), "late"),
  },
  {
    what: "a hard link to something precious is added",
    strike: (place) =>
      linkSync(join(makePrecious(place), "thesis.tex"), join(place.run, "files", "thesis.tex")),
  },
];

/** Everything but what runferry keeps for itself, and the times of the folder of the runs. */
function around({ directory }: Place): readonly string[] {
  return snapshot(directory).filter((line) => !/^(\.local|archive|wandb )/.test(line));
}

for (const { what, strike } of attacks) {
  test(`a run is kept when ${what} while the user is asked`, () =>
    inPlace(async (place) => {
      await place.runferry(["sync", "wandb"]);
      let before: readonly string[] = [];
      const confirm = (): Promise<boolean> => {
        strike(place);
        before = around(place);
        return Promise.resolve(true);
      };
      const said = await place.runferry(words, {
        stdin: { ...pipedInput(), interactive: true, confirm },
      });
      assert.ok(before.length > 0, "nobody was asked");
      assert.deepEqual(around(place), before, said.stdout);
      assert.match(said.stdout, /"cleaned":false/);
    }));

  test(`nothing is lost at whatever moment ${what}`, { timeout: 60_000 }, async () => {
    let ends: readonly string[] = [];
    for (let at = 1; ends.at(-1) !== "undisturbed"; at++) {
      ends = [...ends, await struck(at, strike)];
    }
    assert.ok(ends.includes("kept"));
  });
}

/** Cleans, strikes when the clock is looked at for this time, and looks what is left. */
async function struck(at: number, strike: Attack["strike"]): Promise<string> {
  let end = "undisturbed";
  await inPlace(async (place) => {
    await place.runferry(["sync", "wandb"]);
    let looks = 0;
    let before: readonly string[] | undefined;
    const now = (): number => {
      if (++looks !== at) return later;
      before = [];
      // Once the run is on its way, it has no name that anybody knows.
      if (!isThere(place.run)) return later;
      strike(place);
      before = around(place);
      return later;
    };
    await place.runferry([...words, "--yes"], { now });
    if (before === undefined) return;
    if (before.length === 0) end = "gone";
    else {
      assert.deepEqual(around(place), before, `at ${at}`);
      end = "kept";
    }
  });
  return end;
}

const archived = "fixture-project/offline-run-20261123_081011-fxbasic1.tar";

const forgetful: readonly (readonly [what: string, forget: (tar: string) => void])[] = [
  ["forgot it", (tar): void => rmSync(tar)],
  ["lost its end", (tar): void => truncateSync(tar, statSync(tar).size - 2048)],
  ["is left with nothing of it", (tar): void => truncateSync(tar, 0)],
  ["has another byte in it", (tar): void => {
    const bytes = readFileSync(tar);
    const at = bytes.length / 3 | 0;
    writeFileSync(tar, bytes.with(at, (bytes[at] ?? 0) ^ 1));
  }],
];

for (const [what, forget] of forgetful) {
  test(`a run is kept when its archive ${what} since it was verified`, () =>
    inPlace(async (place) => {
      await place.runferry(["sync", "wandb"]);
      forget(join(place.archive, archived));
      const before = snapshot(place.run);
      const { exit, stdout } = await place.runferry([...words, "--yes"]);
      assert.notEqual(exit, 0);
      assert.match(stdout, /"cleaned":false/);
      assert.deepEqual(snapshot(place.run), before);
    }));
}

const clocks: readonly (readonly [what: string, now: (looks: number) => number, gone: boolean])[] =
  [
    ["is set back before its last change", (): number => 0, false],
    ["is set back while it is cleaned", (looks): number => looks < 2 ? later : 0, false],
    ["leaps ahead while it is cleaned", (looks): number => later + looks * 1e12, true],
    ["is no number", (): number => NaN, false],
  ];

for (const [what, now, gone] of clocks) {
  test(`a proven run ${gone ? "goes" : "is kept"} when the clock ${what}`, () =>
    inPlace(async (place) => {
      await place.runferry(["sync", "wandb"]);
      let looks = 0;
      const said = await place.runferry([...words, "--yes"], { now: () => now(++looks) });
      assert.equal(!isThere(place.run), gone, said.stdout);
    }));
}

test("of two archives both have to prove it", () =>
  inPlace(async (place) => {
    const second = join(place.directory, "archive 2");
    await place.runferry(["sync", "wandb", "--to", second]);
    rmSync(join(second, archived));
    const { stdout } = await place.runferry([...words, "--yes", "--to", second]);
    assert.match(stdout, /"cleaned":false/);
    await place.runferry(["sync", "wandb", "--to", second, "--recheck", "--clean"]);
    assert.ok(!isThere(place.run));
    assert.ok(isThere(join(second, archived)));
  }));

test("sync --clean reads back what its journal calls verified before it deletes", () =>
  inPlace(async (place) => {
    await place.runferry(["sync", "wandb"]);
    truncateSync(join(place.archive, archived), 5000);
    const { exit } = await place.runferry(["sync", "wandb", "--clean"]);
    assert.notEqual(exit, 0);
    assert.ok(isThere(place.run));
  }));

test("sync --clean archives a run again whose tar is gone before it deletes", () =>
  inPlace(async (place) => {
    await place.runferry(["sync", "wandb"]);
    rmSync(join(place.archive, archived));
    const { exit } = await place.runferry(["sync", "wandb", "--clean"]);
    assert.equal(exit, 0);
    assert.ok(!isThere(place.run));
    assert.ok(isThere(join(place.archive, archived)));
  }));

test("an archive that is given as PATH never goes", () =>
  inPlace(async (place) => {
    const { directory, archive } = place;
    await place.runferry(["sync", "wandb"]);
    const other = join(directory, "other");
    const tars = (): readonly string[] => snapshot(archive).filter((line) => /\.tar /.test(line));
    const before = tars();
    for (const path of [archive, join(archive, archived)]) {
      await place.runferry(["sync", path, "--to", other, "--clean"]);
      await place.runferry(["clean", path, "--to", other, "--yes", "--min-age", "0"]);
    }
    assert.deepEqual(tars(), before);
  }));
