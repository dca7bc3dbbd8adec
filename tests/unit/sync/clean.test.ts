import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { clean, type Proof } from "../../../src/sync/clean.ts";
import type { Outcome } from "../../../src/sync/outcome.ts";
import { inScratch, snapshot } from "../../contract/scratch.ts";
import { log, saying, type Scene, scene, type SceneParts, stateOf } from "./clean_scene.ts";

/** Checks that a run is kept for one reason, and that nothing of it was changed. */
async function assertKept({ ref, proof, options }: Scene, reason: RegExp): Promise<void> {
  const before = existsSync(ref.path) ? snapshot(ref.path) : [];
  const { cleaned, reasons } = await clean(proof, options);
  assert.equal(cleaned, false);
  assert.equal(reasons.length, 1, reasons.join("\n"));
  assert.match(reasons[0] ?? "", reason);
  assert.deepEqual(existsSync(ref.path) ? snapshot(ref.path) : [], before);
}

test("a run is kept when there was no read-back", () =>
  inScratch(async (directory) => {
    const { proof, options, ref } = await scene(directory, {
      entry: (entry) => entry.type === "verify" ? undefined : entry,
    });
    const { cleaned, reasons } = await clean(proof, options);
    assert.equal(cleaned, false);
    assert.match(reasons.join("\n"), /not read back/);
    assert.ok(existsSync(ref.path));
  }));

test("a run that an archive holds byte for byte is deleted, and the journal tells each step", () =>
  inScratch(async (directory) => {
    const { proof, options, ref, journal } = await scene(directory);
    assert.deepEqual(await clean(proof, options), { cleaned: true, planned: false, reasons: [] });
    assert.deepEqual(readdirSync(join(directory, "wandb")), []);
    const told = journal().filter(({ type }) => type === "clean");
    assert.deepEqual(told.map((entry) => entry.type === "clean" && entry.state), [
      "announced",
      "condemned",
      "done",
    ]);
    assert.ok(!existsSync(ref.path));
  }));

test("with a trash folder the run is moved, and the result tells where", () =>
  inScratch(async (directory) => {
    const trash = join(directory, "trash");
    const { proof, options, ref } = await scene(directory, { options: { trash } });
    const before = snapshot(ref.path);
    const result = await clean(proof, options);
    assert.equal(result.cleaned, true);
    assert.deepEqual(snapshot(result.trash ?? ""), before);
  }));

test("a dry run tells what would go and touches nothing", () =>
  inScratch(async (directory) => {
    const { proof, options, journal } = await scene(directory, { options: { dryRun: true } });
    const before = snapshot(join(directory, "wandb"));
    assert.deepEqual(await clean(proof, options), { cleaned: false, planned: true, reasons: [] });
    assert.deepEqual(snapshot(join(directory, "wandb")), before);
    assert.equal(journal().some(({ type }) => type === "clean"), false);
  }));

interface Doubt extends SceneParts {
  readonly what: string;
  readonly reason: RegExp;
  /** Changes things after the read-back. */
  readonly after?: (scene: Scene) => void;
}

const doubts: readonly Doubt[] = [
  {
    what: "its log grew after the read-back",
    after: ({ ref }) => appendFileSync(join(ref.path, log), "more"),
    reason: /changed after it was read/,
  },
  {
    what: "a file was added after the read-back",
    after: ({ ref }) => writeFileSync(join(ref.path, "files", "late.txt"), ""),
    reason: /changed after it was read/,
  },
  {
    what: "the path that was given is another one",
    options: { within: ["/elsewhere"] },
    reason: /outside the path/,
  },
  {
    what: "the machine in the journal is another one",
    entry: (entry) => entry.type === "open" ? { ...entry, host: "elsewhere" } : entry,
    reason: /journal was written on another machine/,
  },
  {
    what: "the journal speaks of fewer events",
    entry: (entry) => entry.type === "ack" ? { ...entry, through: entry.through - 1 } : entry,
    reason: /not everything was acknowledged/,
  },
  {
    what: "the journal speaks of more events",
    entry: (entry) => entry.type === "ack" ? { ...entry, through: entry.through + 1 } : entry,
    reason: /not everything was acknowledged/,
  },
  {
    what: "the destination took other events",
    entry: (entry) =>
      entry.type === "finish" ? { ...entry, events: { ...entry.events, unknown: 1 } } : entry,
    reason: /not everything was acknowledged/,
  },
  {
    what: "the destination never took the run as a whole",
    entry: (entry) => entry.type === "finish" ? undefined : entry,
    reason: /not known whether everything was acknowledged/,
  },
  {
    what: "something was refused when it was sent",
    entry: (entry) =>
      entry.type === "ack"
        ? { ...entry, losses: [{ kind: "rejected", reason: "too large", count: 1 }] }
        : entry,
    reason: /something was refused or cut/,
  },
  {
    what: "media was left out when it was sent",
    entry: (entry) => entry.type === "open" ? { ...entry, wishes: ["no media"] } : entry,
    reason: /left out, as asked/,
  },
  {
    what: "it was sent without the run directory, and compared as if with it",
    entry: (entry) => entry.type === "open" ? { ...entry, manner: ["no source"] } : entry,
    reason: /sent with other options than it was compared with/,
  },
  {
    what: "the read-back found a difference",
    entry: (entry) => entry.type === "verify" ? { ...entry, differences: 1 } : entry,
    reason: /sent after the last read-back/,
  },
  {
    what: "it was changed lately",
    options: { minAge: 1_000_000 * 24 * 3_600_000 },
    reason: /less than --min-age ago/,
  },
  {
    what: "the clock is behind its files",
    options: { now: () => 0 },
    reason: /in the future/,
  },
];

for (const { what, reason, after, ...parts } of doubts) {
  test(`a run is kept when ${what}`, () =>
    inScratch(async (directory) => {
      const made = await scene(directory, parts);
      after?.(made);
      await assertKept(made, reason);
    }));
}

test("a run is kept when it is one of the newest, or that cannot be told", () =>
  inScratch(async (directory) => {
    const made = await scene(directory);
    for (const newest of [new Set([made.ref]), undefined]) {
      await assertKept({ ...made, options: { ...made.options, newest } }, /--keep keeps/);
    }
  }));

test("a run whose log is cut is kept, for each of the reasons", () =>
  inScratch(async (directory) => {
    const { proof, options, ref } = await scene(directory, {
      before: (run) => truncateSync(join(run, log), 1_000),
    });
    const { cleaned, reasons } = await clean(proof, options);
    assert.equal(cleaned, false);
    assert.match(reasons.join("\n"), /does not end with the end of the run/);
    assert.match(reasons.join("\n"), /damaged or ends early/);
    assert.ok(existsSync(ref.path));
  }));

test("a run is kept while a process has one of its files open", () =>
  inScratch(async (directory) => {
    const made = await scene(directory);
    const file = openSync(join(made.ref.path, log), "r");
    try {
      await assertKept(made, /has a file in it open/);
    } finally {
      closeSync(file);
    }
  }));

test("a service that counted everything is proof enough", () =>
  inScratch(async (directory) => {
    const { proof, options } = await scene(directory, {
      destination: saying({ assurance: "counted" }),
    });
    const { cleaned, reasons } = await clean(proof, options);
    assert.deepEqual([cleaned, reasons], [true, []]);
  }));

for (
  const verdict of [
    { assurance: "accepted" },
    { assurance: "counted", lies: true },
  ] as const
) {
  test(`a host that accepts everything and then says ${JSON.stringify(verdict)} is no proof`, () =>
    inScratch(async (directory) => {
      const { proof, options, ref } = await scene(directory, { destination: saying(verdict) });
      const { cleaned, reasons } = await clean(proof, options);
      assert.equal(cleaned, false);
      assert.ok(reasons.length > 0);
      assert.ok(existsSync(ref.path));
    }));
}

test("a large file that no record names goes only where the run directory is kept whole", () =>
  inScratch(async (directory) => {
    const before = (run: string): void =>
      writeFileSync(join(run, "weights.pt"), new Uint8Array(2 ** 21));
    const destination = saying({ assurance: "counted" });
    await assertKept(await scene(directory, { before, destination }), /records do not name/);
  }).then(() =>
    inScratch(async (directory) => {
      const { proof, options } = await scene(directory, {
        before: (run) => writeFileSync(join(run, "weights.pt"), new Uint8Array(2 ** 21)),
      });
      assert.equal((await clean(proof, options)).cleaned, true);
    })
  ));

interface Weakness {
  readonly what: string;
  readonly reason: RegExp;
  weaken(proof: Proof): Proof;
}

/** Changes what the comparison came to. */
function withOutcome(proof: Proof, change: Partial<Outcome>): Proof {
  return { ...proof, outcomes: proof.outcomes.map((outcome) => ({ ...outcome, ...change })) };
}

const weaknesses: readonly Weakness[] = [
  {
    what: "something was refused just now",
    reason: /refused or cut/,
    weaken: (proof) =>
      withOutcome(proof, { losses: [{ kind: "truncated", reason: "too long", count: 1 }] }),
  },
  {
    what: "something was left out just now",
    reason: /left out, as asked/,
    weaken: (proof) => withOutcome(proof, { excluded: { media: 1 } }),
  },
  {
    what: "an archive only counted",
    reason: /proves "counted", not "exact"/,
    weaken: (proof) => withOutcome(proof, { assurance: "counted" }),
  },
  {
    what: "its log has a gap",
    reason: /damaged or ends early/,
    weaken: (proof) => ({ ...proof, seen: { events: 0, finished: true, ...proof.seen, gaps: 1 } }),
  },
  {
    what: "another directory like it has taken its place",
    reason: /changed after it was read/,
    weaken: (proof) => ({
      ...proof,
      before: proof.before && { ...proof.before, identity: { device: "1", inode: "1" } },
    }),
  },
];

for (const { what, reason, weaken } of weaknesses) {
  test(`a run is kept when ${what}`, () =>
    inScratch(async (directory) => {
      const made = await scene(directory);
      await assertKept({ ...made, proof: weaken(made.proof) }, reason);
    }));
}

test("a folder of any other name with a log in it is kept: all kinds of things may lie there", () =>
  inScratch(async (directory) => {
    const { proof, options, ref } = await scene(directory);
    const path = join(directory, "wandb", "run-my-thesis");
    renameSync(ref.path, path);
    const stray = { source: "wandb", path, log: join(path, log) };
    await assertKept(
      {
        directory,
        ref: stray,
        proof: { ...proof, ref: stray, before: await stateOf(path) },
        options: { ...options, found: [stray] },
        journal: () => [],
      },
      /not named as run directories are/,
    );
  }));

test("the folder of the runs never goes, though it is named and looks like a run", () =>
  inScratch(async (directory) => {
    const { proof, options, ref } = await scene(directory);
    const wandbItself = { ...ref, path: join(directory, "wandb") };
    const before = { ...proof.before, ...await stateOf(wandbItself.path) };
    const itself = { ...proof, ref: wandbItself, before };
    const { cleaned, reasons } = await clean(itself, { ...options, found: [wandbItself] });
    assert.equal(cleaned, false);
    assert.match(reasons.join("\n"), /not named as run directories are/);
    assert.match(reasons.join("\n"), /folder for runs/);
    assert.ok(existsSync(join(ref.path, log)));
  }));

test("a directory with a folder for runs in it is kept, though nobody looked for runs there", () =>
  inScratch(async (directory) => {
    const before = (run: string): void => {
      mkdirSync(join(run, "files", "wandb", "run-2"), { recursive: true });
    };
    await assertKept(await scene(directory, { before }), /more than this run/);
  }));

test("a directory with another run in it is kept", () =>
  inScratch(async (directory) => {
    const made = await scene(directory);
    const inner = { ...made.ref, path: join(made.ref.path, "files", "wandb", "run-2") };
    await assertKept(
      { ...made, options: { ...made.options, found: [made.ref, inner] } },
      /more than this run/,
    );
  }));

test("a link that took the place of the run after the read-back is kept, and what it leads to", () =>
  inScratch(async (directory) => {
    const { proof, options, ref } = await scene(directory);
    renameSync(ref.path, join(directory, "moved"));
    symlinkSync(join(directory, "moved"), ref.path);
    const { cleaned, reasons } = await clean(proof, options);
    assert.equal(cleaned, false);
    assert.match(reasons.join("\n"), /changed after it was read/);
    assert.ok(existsSync(join(directory, "moved", log)));
  }));

test("without a journal that can be written nothing is deleted", () =>
  inScratch(async (directory) => {
    const { proof, options, ref } = await scene(directory, {
      options: { hold: () => Promise.resolve(undefined) },
    });
    const { cleaned, reasons } = await clean(proof, options);
    assert.equal(cleaned, false);
    assert.match(reasons.join("\n"), /there is no journal of this run/);
    assert.ok(existsSync(ref.path));
  }));
