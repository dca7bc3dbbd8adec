import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { crc32, gunzipSync } from "node:zlib";
import { type ReadLog, readLog } from "./log_writer.ts";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures");
const swanlab = {
  interposed: true,
  header: Buffer.from(":SWL\xd6\xe1", "latin1"),
};

function hex(payload: Buffer): string {
  return crc32(payload).toString(16).padStart(8, "0");
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

function findFile(directory: string, ending: string): string {
  const found = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending));
  const [first] = found.sort();
  assert.ok(first, `${directory} has no ${ending}`);
  return join(directory, first);
}

/** What is neither record nor padding must be in gaps and tail, and nothing twice. */
function assertAccounted(
  read: ReadLog,
  size: number,
  spans: readonly (readonly [number, number])[],
): void {
  const lost = [...read.gaps, ...(read.tail === undefined ? [] : [read.tail])];
  let end = 0;
  for (const { offset, bytes } of lost) {
    assert.ok(bytes > 0 && offset >= end, "gaps are in order and not empty");
    end = offset + bytes;
    for (const [from, to] of spans) {
      assert.ok(to <= offset || from >= end, `gap at ${offset} covers a record`);
    }
  }
  assert.ok(end <= size);
}

interface WandbExpected {
  readonly source: string;
  readonly header: string;
  readonly intact: readonly number[];
  readonly size: number;
}

/** Record boundaries of an undamaged log, by following its chunks blindly. */
function walkChunks(bytes: Buffer, base: number): { crc: string; spans: [number, number][] }[] {
  const records: { crc: string; spans: [number, number][] }[] = [];
  let parts: Buffer[] = [];
  let spans: [number, number][] = [];
  for (let at = 7; at < bytes.length;) {
    const room = 32768 - ((at - base) % 32768);
    if (room < 7) {
      at += room;
      continue;
    }
    const end = at + 7 + bytes.readUInt16LE(at + 4);
    parts.push(bytes.subarray(at + 7, end));
    spans.push([at, end]);
    const kind = bytes[at + 6];
    if (kind === 1 || kind === 4) {
      records.push({ crc: hex(Buffer.concat(parts)), spans });
      parts = [];
      spans = [];
    }
    at = end;
  }
  return records;
}

describe("damaged W&B logs", () => {
  for (const [folder, base] of [["damaged", 0], ["damaged-shifted", 7]] as const) {
    for (const name of readdirSync(join(fixtures, "wandb", folder)).sort()) {
      const directory = join(fixtures, "wandb", folder, name);
      const expected = readJson(join(directory, "expected.json")) as WandbExpected;
      it(`${folder}/${name}: exactly the intact records come out`, async () => {
        const source = walkChunks(readFileSync(join(fixtures, "wandb", expected.source)), base);
        const bytes = readFileSync(findFile(directory, ".wandb"));
        const read = await readLog(bytes);
        assert.equal(bytes.length, expected.size);
        const intact = expected.intact.map((number) => source[number - 1]);
        assert.deepEqual(
          read.records.map(({ payload, offset }) => [offset, hex(payload)]),
          intact.map((record) => [record?.spans[0]?.[0], record?.crc]),
        );
        assertAccounted(read, bytes.length, intact.flatMap((record) => record?.spans ?? []));
        const isPrefix = expected.intact.every((number, index) => number === index + 1);
        assert.equal(read.gaps.length, isPrefix ? 0 : 1);
      });
    }
  }
});

interface WandbTruth {
  readonly oracle: readonly {
    readonly dir: string;
    readonly records: number;
    readonly base: number;
  }[];
}

describe("W&B logs of real clients", () => {
  const root = join(fixtures, "wandb");
  const cases = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("truth.json")).map(dirname).sort();
  for (const name of cases) {
    it(`${name}: every record of the oracle comes out, in order and without a gap`, async () => {
      const directory = join(root, name);
      const { oracle } = readJson(join(directory, "truth.json")) as WandbTruth;
      for (const { dir, records, base } of oracle) {
        const bytes = readFileSync(findFile(join(directory, dir), ".wandb"));
        const read = await readLog(bytes);
        const walked = walkChunks(bytes, base).slice(0, records);
        assert.equal(read.records.length, records);
        assert.deepEqual(
          read.records.map(({ payload }) => hex(payload)),
          walked.map(({ crc }) => crc),
        );
        assert.deepEqual(read.gaps, []);
      }
    });
  }
});

describe("block ends of W&B logs", () => {
  for (const name of readdirSync(join(fixtures, "wandb/edges")).sort()) {
    it(`${name}: every record comes out, without gap or tail`, async () => {
      const directory = join(fixtures, "wandb/edges", name);
      const expected = readJson(join(directory, "expected.json")) as {
        readonly chunks: readonly (readonly (readonly [number, number, number])[])[];
      };
      const read = await readLog(readFileSync(findFile(directory, ".wandb")));
      assert.deepEqual(
        read.records.map(({ offset, payload }) => [offset, payload.length]),
        expected.chunks.map((chunks) => [
          chunks[0]?.[0],
          chunks.reduce((sum, [, length]) => sum + length, 0),
        ]),
      );
      assert.deepEqual([read.gaps, read.tail], [[], undefined]);
    });
  }
});

interface SwanlabExpected {
  readonly recoverable: readonly (readonly [number, number])[];
  readonly recoverable_count: number;
}

describe("damaged SwanLab logs", () => {
  for (const generation of ["g2-0.7.20", "g3-0.9.7"]) {
    const folder = join(fixtures, "swanlab/damaged", generation);
    const source = readJson(join(folder, "records.json")) as { readonly crc32: readonly string[] };
    for (const name of readdirSync(folder).filter((entry) => !entry.endsWith(".json")).sort()) {
      it(`${generation}/${name}: exactly the recoverable records come out`, async () => {
        const expected = readJson(join(folder, name, "expected.json")) as SwanlabExpected;
        const bytes = gunzipSync(readFileSync(findFile(join(folder, name), ".gz")));
        const read = await readLog(bytes, swanlab);
        const wanted = expected.recoverable.flatMap(([first, last]) =>
          source.crc32.slice(first, last + 1)
        );
        const got = read.records.map(({ payload }) => hex(payload));
        if (name === "duplicated-head") {
          const unique = got.filter((crc, index) =>
            !source.crc32.includes(crc) || got.indexOf(crc) === index
          );
          assert.ok(got.length > unique.length, "the head comes twice");
          assert.deepEqual(unique.sort(), [...new Set(wanted)].sort());
          assert.deepEqual([read.gaps, read.tail], [[], undefined]);
        } else if (name === "interleaved-first-full") {
          assert.deepEqual(got.toSorted(), wanted.toSorted());
        } else assert.deepEqual(got, wanted);
        assert.equal(wanted.length, expected.recoverable_count);
        assertAccounted(read, bytes.length, []);
      });
    }
  }
});

/** Fixtures whose clients wrote from several threads, or that end cleanly, against the oracle's dump. */
describe("SwanLab logs of real clients", () => {
  const root = join(fixtures, "swanlab");
  const versions = readdirSync(root).filter((name) => /^\d/.test(name)).sort();
  for (const version of versions) {
    for (const name of readdirSync(join(root, version)).sort()) {
      const directory = join(root, version, name);
      const dump = oracle(directory);
      const files = readdirSync(directory, { recursive: true, encoding: "utf8" })
        .filter((file) => /run-[^/]*\/[^/]*\.swanlab$/.test(file)).sort();
      if (dump === undefined || files.length === 0) continue;
      it(`${version}/${name}: every record of the oracle comes out`, async () => {
        const got: string[] = [];
        for (const file of files) {
          const read = await readLog(readFileSync(join(directory, file)), swanlab);
          got.push(...read.records.map(({ payload }) => hex(payload)));
        }
        assert.deepEqual(got.sort(), dump.map((line) => line.crc32).sort());
      });
    }
  }
});

/** The oracle's records of a fixture; its resynchronising dump where it found more. */
function oracle(directory: string): readonly { readonly crc32: string }[] | undefined {
  for (const name of ["records.resync.jsonl", "records.jsonl"]) {
    const path = join(directory, name);
    const text = existsSync(`${path}.gz`)
      ? gunzipSync(readFileSync(`${path}.gz`)).toString()
      : existsSync(path)
      ? readFileSync(path, "utf8")
      : undefined;
    if (text === undefined) continue;
    return text.split("\n").filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { crc32: string })
      .filter((line) => line.crc32 !== undefined);
  }
  return undefined;
}
