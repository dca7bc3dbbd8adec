import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { runDirectory } from "../../../src/files/run_directory.ts";
import { discard, type Doomed, putBack, remove, trashPrefix } from "../../../src/sync/trash.ts";
import { realSurroundings } from "../../../src/sync/trash_examine.ts";
import { directoryAt } from "../../../src/sync/trash_identity.ts";
import { onDisk } from "../../adapters/archive/small_disk.ts";
import { inScratch, snapshot } from "../../contract/scratch.ts";

/** A run directory beside things that are none of its own, and links to them. */
function makeRun(directory: string): string {
  const run = join(directory, "wandb", "run-1");
  mkdirSync(join(run, "files", "deep", "deeper"), { recursive: true });
  mkdirSync(join(directory, "precious"));
  writeFileSync(join(directory, "precious", "thesis.tex"), "years of work");
  writeFileSync(join(run, "run-1.wandb"), "records");
  writeFileSync(join(run, "files", "deep", "deeper", "a b\n.txt"), "text");
  symlinkSync("../../../precious", join(run, "files", "link"));
  symlinkSync(join(directory, "precious", "thesis.tex"), join(run, "files", "thesis.tex"));
  symlinkSync("/nowhere", join(run, "files", "broken"));
  linkSync(join(directory, "precious", "thesis.tex"), join(run, "files", "hard.tex"));
  return run;
}

function stampOf(path: string): Promise<string> {
  return runDirectory(path, { followOutside: false }).stamp();
}

interface Story {
  readonly doomed: Doomed;
  /** What was announced and condemned, in order. */
  readonly told: string[];
}

/** A run that was read and proven just now. */
async function proven(path: string, parts: Partial<Doomed> = {}): Promise<Story> {
  const identity = await directoryAt(path);
  assert.ok(identity !== undefined);
  const stamp = await stampOf(path);
  const told: string[] = [];
  const doomed: Doomed = {
    path,
    identity,
    unchanged: async (at) => await stampOf(at) === stamp,
    announce: (trash): Promise<void> => {
      assert.ok(existsSync(path), "it is announced before it is moved");
      told.push(`announced ${trash}`);
      return Promise.resolve();
    },
    condemn: (trash): Promise<void> => {
      assert.ok(existsSync(trash), "it is condemned before it is deleted");
      told.push(`condemned ${trash}`);
      return Promise.resolve();
    },
    ...parts,
  };
  return { doomed, told };
}

function precious(directory: string): string {
  return readFileSync(join(directory, "precious", "thesis.tex"), "utf8");
}

test("just the run directory goes: what links lead to and what shares its data stays", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const { doomed, told } = await proven(run);
    const trash = await discard(doomed);
    assert.deepEqual(readdirSync(join(directory, "wandb")), []);
    assert.equal(precious(directory), "years of work");
    assert.deepEqual(told, [`announced ${trash}`, `condemned ${trash}`]);
    assert.ok(trash.startsWith(join(directory, "wandb", trashPrefix)));
  }));

test("with a trash folder the run is moved there as it is, whatever names are taken", () =>
  inScratch(async (directory) => {
    const trash = join(directory, "trash", "of", "runs");
    const moved: string[] = [];
    for (const _ of [1, 2]) {
      rmSync(join(directory, "precious"), { recursive: true, force: true });
      const run = makeRun(directory);
      const before = snapshot(run);
      const { doomed } = await proven(run);
      const target = await discard(doomed, { trash });
      assert.deepEqual(snapshot(target), before);
      assert.ok(!existsSync(run));
      moved.push(target);
    }
    assert.equal(moved[0], join(trash, "run-1"));
    assert.equal(new Set(moved).size, 2);
  }));

test("a trash folder inside the run is refused", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const { doomed } = await proven(run);
    await assert.rejects(discard(doomed, { trash: join(run, "trash") }), /lies inside it/);
    assert.ok(existsSync(join(run, "run-1.wandb")));
  }));

interface Attack {
  readonly name: string;
  readonly message: RegExp;
  /** Strikes at a moment; what is at the run's path must be the same before and after. */
  strike(directory: string, run: string): void;
}

const attacks: readonly Attack[] = [
  {
    name: "a link takes the place of the run",
    message: /took its place/,
    strike(directory, run): void {
      renameSync(run, join(directory, "hidden"));
      symlinkSync(join(directory, "precious"), run);
    },
  },
  {
    name: "another directory takes the place of the run",
    message: /took its place/,
    strike(directory, run): void {
      renameSync(run, join(directory, "hidden"));
      renameSync(join(directory, "precious"), run);
      mkdirSync(join(directory, "precious"));
      writeFileSync(join(directory, "precious", "thesis.tex"), "years of work");
    },
  },
  {
    name: "a link to the run itself takes its place",
    message: /took its place/,
    strike(directory, run): void {
      renameSync(run, join(directory, "hidden"));
      symlinkSync(join(directory, "hidden"), run);
    },
  },
  {
    name: "a file of the run grows",
    message: /changed after it was read/,
    strike: (_, run) => appendFileSync(join(run, "run-1.wandb"), "one more record"),
  },
  {
    name: "a file is added to the run",
    message: /changed after it was read/,
    strike: (_, run) => writeFileSync(join(run, "files", "new.txt"), ""),
  },
  {
    name: "a link of the run leads elsewhere",
    message: /changed after it was read/,
    strike(_, run): void {
      rmSync(join(run, "files", "broken"));
      symlinkSync("/elsewhere", join(run, "files", "broken"));
    },
  },
];

for (const { name, message, strike } of attacks) {
  test(`nothing is deleted when ${name} before it is looked at`, () =>
    inScratch(async (directory) => {
      const run = makeRun(directory);
      const { doomed, told } = await proven(run);
      strike(directory, run);
      const before = snapshot(directory);
      await assert.rejects(
        discard(doomed),
        (error) => error instanceof SourceError && message.test(error.message),
      );
      assert.deepEqual(snapshot(directory), before);
      assert.deepEqual(told, []);
    }));

  test(`all is put back when ${name} between the look and the move`, () =>
    inScratch(async (directory) => {
      const run = makeRun(directory);
      let before: readonly string[] = [];
      const { doomed } = await proven(run, {
        announce(): Promise<void> {
          strike(directory, run);
          before = snapshot(directory);
          return Promise.resolve();
        },
      });
      await assert.rejects(discard(doomed), message);
      assert.deepEqual(
        snapshot(directory).map(withoutFolderTime),
        before.map(withoutFolderTime),
      );
    }));
}

/** Moving something out of a folder and back changes the folder's own time, and nothing else. */
function withoutFolderTime(line: string): string {
  return line.startsWith("wandb ") ? "wandb" : line;
}

test("what took the run's name while it was looked at is not overwritten by putting it back", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const { doomed } = await proven(run, {
      condemn(): Promise<void> {
        mkdirSync(run);
        return Promise.reject(new SourceError("Cannot write the journal"));
      },
    });
    await assert.rejects(discard(doomed), /move .* back to .*: something else is there now/);
    const [left = ""] = readdirSync(join(directory, "wandb")).filter((name) => name !== "run-1");
    assert.ok(existsSync(join(directory, "wandb", left, "run-1.wandb")));
  }));

test("a path that leads through a link is refused like the link", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const link = join(directory, "latest-run");
    symlinkSync(run, link);
    assert.equal(await directoryAt(link), undefined);
    const { doomed } = await proven(run);
    await assert.rejects(discard({ ...doomed, path: link }), /took its place/);
    assert.equal(readlinkSync(link), run);
    assert.ok(existsSync(run));
  }));

test("nothing is deleted where another file system is mounted, however that is known", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const before = snapshot(directory);
    const mount = join(run, "files", "deep");
    const onOtherDevice = {
      ...realSurroundings,
      status: async (path: string) => {
        const status = await realSurroundings.status(path);
        return path === mount
          ? { ...status, identity: { ...status.identity, device: "999" } }
          : status;
      },
    };
    const inTable = { ...realSurroundings, mounts: () => Promise.resolve(["/", mount]) };
    for (const surroundings of [onOtherDevice, inTable]) {
      const { doomed, told } = await proven(run);
      await assert.rejects(discard(doomed, { surroundings }), /another file system is mounted/);
      assert.deepEqual(snapshot(directory), before);
      assert.deepEqual(told, []);
    }
  }));

test("a file system that is really mounted in the run keeps it", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const mount = join(run, "files", "my disk");
    await onDisk(mount, "size=1m", async () => {
      writeFileSync(join(mount, "data"), "years of work");
      const { doomed, told } = await proven(run);
      await assert.rejects(
        discard(doomed),
        (error) => error instanceof SourceError && error.message.endsWith(`is mounted at ${mount}`),
      );
      assert.equal(readFileSync(join(mount, "data"), "utf8"), "years of work");
      assert.ok(existsSync(join(run, "run-1.wandb")));
      assert.deepEqual(told, []);
    });
  }));

test("a trash folder on another file system is refused, and the run stays as it was", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const before = snapshot(run);
    const trash = join(directory, "trash");
    await onDisk(trash, "size=1m", async () => {
      const { doomed } = await proven(run);
      await assert.rejects(discard(doomed, { trash }), /the trash is on another file system/);
      assert.deepEqual(snapshot(run), before);
      assert.deepEqual(readdirSync(trash), []);
    });
  }));

for (const code of ["EACCES", "EROFS", "EBUSY", "EXDEV", "ENOSPC", "ESTALE"]) {
  test(`a system that answers ${code} leaves the run as it was and says why`, () =>
    inScratch(async (directory) => {
      const run = makeRun(directory);
      const before = snapshot(run);
      const refuse = (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
      for (const step of ["announce", "condemn"] as const) {
        const { doomed } = await proven(run, { [step]: refuse });
        await assert.rejects(
          discard(doomed),
          (error) =>
            error instanceof SourceError && error.hint?.startsWith("Nothing was deleted") === true,
        );
        assert.deepEqual(snapshot(run), before);
      }
    }));
}

test("a parent that vanished is named, and nothing else happens", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const { doomed } = await proven(run, {
      announce(): Promise<void> {
        renameSync(join(directory, "wandb"), join(directory, "moved"));
        return Promise.resolve();
      },
    });
    await assert.rejects(discard(doomed), /Cannot delete .*run-1: it vanished meanwhile/);
    assert.ok(existsSync(join(directory, "moved", "run-1", "run-1.wandb")));
  }));

test("a deletion that was interrupted goes on with the same directory only", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const { doomed, told } = await proven(run);
    const trash = join(directory, "wandb", `${trashPrefix}1`);
    renameSync(run, trash);
    rmSync(join(trash, "run-1.wandb"));
    const other = { ...doomed.identity, inode: "1" };
    await assert.rejects(remove(run, trash, other), /another directory is there/);
    assert.ok(existsSync(join(trash, "files", "hard.tex")));
    await remove(run, trash, doomed.identity);
    assert.ok(!existsSync(trash));
    assert.equal(precious(directory), "years of work");
    assert.deepEqual(told, []);
  }));

test("a link in the place of a directory that is being deleted is never followed", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const { doomed } = await proven(run);
    const trash = join(directory, "wandb", `${trashPrefix}1`);
    symlinkSync(join(directory, "precious"), trash);
    await assert.rejects(remove(run, trash, doomed.identity));
    assert.equal(precious(directory), "years of work");
    assert.ok(lstatSync(trash).isSymbolicLink());
  }));

test("a run is only put back where nothing is", () =>
  inScratch(async (directory) => {
    const run = makeRun(directory);
    const trash = join(directory, "wandb", `${trashPrefix}1`);
    renameSync(run, trash);
    await putBack(trash, run);
    assert.ok(existsSync(join(run, "run-1.wandb")));
    mkdirSync(trash);
    await assert.rejects(putBack(trash, run), /something else is there now/);
  }));
