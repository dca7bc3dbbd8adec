import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { SourceError } from "../../../src/errors.ts";
import { differences, unorderedDifferences } from "./differences.ts";
import { type Atom, atomsOf } from "./event_atoms.ts";
import {
  fixtures,
  type OracleLine,
  oracleLines,
  type ReadRun,
  readRun,
  runsBelow,
} from "./fixture_runs.ts";
import { expectedAtoms } from "./oracle_records.ts";

const scratch = mkdtempSync(join(tmpdir(), "swanlab-damaged-"));
after(() => rmSync(scratch, { recursive: true }));

/** Variants that no reader can make anything of, and what it must say. */
const refused: { readonly [variant: string]: RegExp } = {
  "version-byte-9": /its format version is 9/,
  "garbage-file": /it is not a SwanLab log/,
};

/** Variants where every record is there and something follows the last record. */
const cut = new Set(["garbage-tail", "zero-tail"]);

/** Variants that lose nothing, not even bytes that are no record. */
const whole = new Set(["duplicated-head", "interleaved-first-full"]);

/** Variants that changed bytes where they were, so that lost frames have their old offsets. */
const inPlace = /^(?:truncated-after-first|flipped-.*|zeroed-page|length-.*|overwritten-.*)$/;

/** The frames of records that are lost, as far as their place is known. */
function lostFrames(
  set: string,
  variant: string,
  { lost }: OracleLine,
): readonly (readonly [number, number])[] {
  if (!inPlace.test(variant)) return [];
  const { frames } = JSON.parse(
    readFileSync(join(fixtures, "damaged", set, "records.json"), "utf8"),
  );
  const all: [number, number][] = lost.flatMap(([first, last]: [number, number]) =>
    frames.slice(first, last + 1).flat()
  );
  // A cut file has no bytes behind the cut.
  return variant === "truncated-after-first" ? all.slice(0, 1) : all;
}

/** Puts a variant's log into a run directory of its own, or alone; returns its path. */
function unpack(set: string, variant: string, alone: boolean): string {
  const folder = join(fixtures, "damaged", set, variant);
  const packed = readdirSync(folder).find((name) => name.endsWith(".gz")) ?? "";
  const directory = join(
    scratch,
    set,
    `${variant}${alone ? "-alone" : ""}`,
    "run-20260101_000000-x",
  );
  mkdirSync(directory, { recursive: true });
  const log = join(directory, basename(packed, ".gz"));
  writeFileSync(log, gunzipSync(readFileSync(join(folder, packed))));
  if (!alone) {
    mkdirSync(join(directory, "files"));
    writeFileSync(join(directory, "files", "requirements.txt"), "numpy==2.0.0\n");
  }
  return directory;
}

async function read(directory: string): Promise<ReadRun> {
  const [ref] = await runsBelow(directory);
  assert.ok(ref);
  return await readRun(ref);
}

/** The atoms of records, without what a copy of the log alone cannot have. */
function ofRecords(atoms: readonly Atom[]): readonly Atom[] {
  return atoms.filter(({ type }) => !["run", "gap", "environment"].includes(type as string))
    .map((atom) => {
      if (atom["type"] !== "media") return atom;
      const items = (atom["items"] as Atom[]).map(({ text, ...item }) =>
        item["file"] === undefined ? { text, ...item } : item
      );
      return { ...atom, items };
    });
}

function recoverable(set: string, { recoverable }: OracleLine): readonly OracleLine[] {
  const [version = ""] = set.split("-").slice(1);
  const all = oracleLines(join(fixtures, version, "long"));
  return recoverable.flatMap(([first, last]: [number, number]) => all.slice(first, last + 1));
}

for (const set of ["g2-0.7.20", "g3-0.9.7"]) {
  const version = set.slice(3);
  const variants = readdirSync(join(fixtures, "damaged", set), { withFileTypes: true })
    .filter((entry) => entry.isDirectory()).map(({ name }) => name);
  test(`${set}: there are 22 variants`, () => assert.equal(variants.length, 22));

  for (const variant of variants) {
    const folder = join(fixtures, "damaged", set, variant);
    const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
    const refusal = refused[variant];
    if (refusal !== undefined) {
      test(`${set} ${variant}: is refused, and told why`, async () => {
        const [ref] = await runsBelow(unpack(set, variant, true));
        assert.ok(ref);
        await assert.rejects(readRun(ref), (error) => {
          assert.ok(error instanceof SourceError);
          assert.match(error.message, refusal);
          assert.match(error.hint ?? "", /\.$/);
          return true;
        });
      });
      continue;
    }

    test(`${set} ${variant}: everything recoverable is there, and nothing else`, async () => {
      const { events, tail } = await read(unpack(set, variant, false));
      const records = recoverable(set, expected);
      assert.equal(records.length, expected.recoverable_count);
      const wanted = expectedAtoms(records, version);
      const found = ofRecords(atomsOf(events));
      // A record interrupted by another one is placed by its end.
      const compare = variant === "interleaved-first-full" ? unorderedDifferences : differences;
      assert.deepEqual(compare(found, wanted), []);
      assert.deepEqual(events.map(({ seq }) => seq), [...events.keys()]);
      const endsEarly = cut.has(variant) ||
        expected.lost.at(-1)?.[1] === expected.source_records - 1;
      assert.equal(tail !== undefined, endsEarly, tail?.reason ?? "no tail");
      const lost = [
        ...events.flatMap((event) => event.type === "gap" ? [event] : []),
        ...(tail === undefined ? [] : [tail]),
      ];
      assert.equal(lost.length > 0, !whole.has(variant));
      for (const { reason } of lost) assert.match(reason, /^\w/);
      for (const [start, end] of lostFrames(set, variant, expected)) {
        const named = lost.some(({ offset, bytes }) => offset <= start && end <= offset + bytes);
        assert.ok(named, `the bytes ${start} to ${end} are lost and in no gap`);
      }
    });
  }

  test(`${set} garbage-file: what lies beside it is still given, and the loss named`, async () => {
    const { events, info } = await read(unpack(set, "garbage-file", false));
    assert.deepEqual(
      events.map((event) => event.type === "gap" ? [event.offset, event.bytes] : event.type),
      ["run", "environment", [0, 5000]],
    );
    // A log of the first kind is called the same in every run.
    assert.equal(info.id, set.startsWith("g2") ? "run-20260101_000000-x" : "6yiiqra0");
  });
}
