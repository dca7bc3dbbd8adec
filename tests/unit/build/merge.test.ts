import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readDynamic } from "../../../build/elf_dynamic.ts";
import { onlySegment, readElf, segment } from "../../../build/elf_file.ts";
import { merge } from "../../../build/merge.ts";
import { dataOffset, place, type SmallElf, smallElf, smallSize } from "./small_elf.ts";

const entryAt = 3500;

const plainProgram: SmallElf = {
  address: 0x200000,
  entry: 0x200123,
  needed: ["libstdc++.so.6", "libc.musl-x86_64.so.1"],
  symbols: new Map([["malloc", undefined], ["maybe", undefined], ["stdout", 0x200400]]),
  weak: ["maybe"],
  copied: ["stdout"],
  segments: [[segment.interpreter, 25], [segment.note, 36], [segment.stack, 0xc35000]],
};

const plainLoader: SmallElf = {
  address: 0,
  zeroed: 100,
  symbols: new Map([
    ["malloc", 16],
    ["stdout", 24],
    ["merged_start", 0x500],
    ["merged_entry", entryAt],
  ]),
  segments: [[segment.threadLocal, 16]],
};

function program(change: Partial<SmallElf> = {}): Uint8Array {
  return smallElf({ ...plainProgram, ...change });
}

/** The loader as make.sh leaves it: what it is to be told is not yet known. */
function loader(change: Partial<SmallElf> = {}): Uint8Array {
  const bytes = smallElf({ ...plainLoader, ...change });
  new DataView(bytes.buffer).setBigUint64(entryAt, 0x1122334455667788n, true);
  return bytes;
}

describe("a merged executable", () => {
  const merged = merge(program(), loader());
  const file = readElf(merged);

  test("has no interpreter, and no more headers than before", () => {
    assert.equal(file.segments.some(({ type }) => type === segment.interpreter), false);
    assert.equal(file.segments.length, readElf(program()).segments.length);
  });

  test("needs no library but musl itself", () => {
    const names = readDynamic(file).needed.map(({ name }) => name);
    assert.deepEqual(names, ["libc.musl-x86_64.so.1", "libc.musl-x86_64.so.1"]);
  });

  test("starts in the loader, which knows where the program starts", () => {
    assert.equal(file.entry, 0x70000500);
    const code = file.segments[2];
    const at = (code?.offset ?? 0) + entryAt;
    assert.equal(new DataView(merged.buffer).getBigUint64(at, true), 0x200123n);
  });

  test("holds the loader's segments behind the program's, on pages of their own", () => {
    const added = file.segments.filter(({ address }) => address >= 0x70000000);
    assert.deepEqual(added.map(({ flags }) => flags), [5, 6]);
    for (const { offset, address, fileSize, memorySize } of added) {
      assert.equal(offset % 4096, address % 4096);
      assert.equal((address + memorySize) % 4096, 0);
      assert.equal(fileSize, memorySize);
    }
    assert.ok(added.every(({ offset }) => offset >= smallSize));
  });

  test("keeps the program's own bytes, but for its headers and what it needs", () => {
    const original = program();
    const from = place.strings;
    assert.deepEqual(merged.subarray(from, smallSize), original.subarray(from, smallSize));
  });

  test("keeps the size of a thread's stack", () => {
    assert.equal(onlySegment(file, segment.stack).memorySize, 0xc35000);
  });

  test("has zeroes where the loader's memory is to be zero", () => {
    const data = file.segments[3];
    const start = (data?.offset ?? 0) + 16;
    assert.ok(merged.subarray(start).every((byte) => byte === 0));
    assert.ok(merged.length > start + 100);
  });

  test("has pages of 64 KiB on arm64", () => {
    const arm = readElf(merge(program({ machine: 183 }), loader({ machine: 183 })));
    const added = arm.segments.filter(({ address }) => address >= 0x70000000);
    assert.deepEqual(added.map(({ align }) => align), [0x10000, 0x10000]);
    assert.ok(added.every(({ offset, address }) => offset % 0x10000 === address % 0x10000));
  });
});

function without(content: SmallElf, name: string): Partial<SmallElf> {
  return { symbols: new Map([...content.symbols].filter(([key]) => key !== name)) };
}

function segments(
  content: SmallElf,
  change: (all: SmallElf["segments"] & object) => SmallElf["segments"] & object,
): Partial<SmallElf> {
  return { segments: change(content.segments ?? []) };
}

const refused: readonly {
  readonly what: string;
  readonly program?: Partial<SmallElf>;
  readonly loader?: Partial<SmallElf>;
  readonly message: RegExp;
}[] = [
  {
    what: "a symbol that the loader lacks",
    loader: without(plainLoader, "malloc"),
    message: /lacks malloc,/,
  },
  {
    what: "a copied object that the loader lacks",
    loader: without(plainLoader, "stdout"),
    message: /lacks stdout,/,
  },
  {
    what: "a loader for another machine",
    loader: { machine: 183 },
    message: /machine 62, the loader 183/,
  },
  { what: "another machine", program: { machine: 243 }, message: /for machine 243/ },
  {
    what: "a segment of an unknown type",
    program: segments(plainProgram, (all) => [...all, [0x6474e552, 0]]),
    message: /unknown type 0x6474e552/,
  },
  {
    what: "a program without an interpreter, which may be merged already",
    program: segments(plainProgram, (all) => all.slice(1)),
    message: /no segment of type 3/,
  },
  {
    what: "a program that does not say how large its stacks are",
    program: segments(plainProgram, (all) => all.slice(0, 2)),
    message: /no segment of type 1685382481/,
  },
  {
    what: "a program without a header to spare",
    program: segments(plainProgram, (all) => all.filter(([type]) => type !== segment.note)),
    message: /program headers do not fit where 5 were/,
  },
  {
    what: "a program that lies where the loader must",
    program: { address: 0x70000000 },
    message: /where the loader must lie/,
  },
  {
    what: "a program that does not need musl",
    program: { needed: ["libm.so.6"] },
    message: /does not need musl/,
  },
  {
    what: "a loader with other thread-local variables",
    loader: { segments: [[segment.threadLocal, 24]] },
    message: /other thread-local variables/,
  },
  {
    what: "a loader with a third segment to load",
    loader: { segments: [[segment.threadLocal, 16], [segment.load, 0]] },
    message: /3 loaded segments instead of 2/,
  },
  {
    what: "a loader without the merged entry",
    loader: without(plainLoader, "merged_start"),
    message: /no merged_start/,
  },
];

for (const row of refused) {
  test(`the merge refuses ${row.what}`, () => {
    assert.throws(() => merge(program(row.program), loader(row.loader)), { message: row.message });
  });
}

test("the merge refuses a loader that was told an entry before", () => {
  const bytes = loader();
  bytes[entryAt] = 0;
  assert.throws(() => merge(program(), bytes), { message: /no room for the program's entry/ });
});

test("a file that is cut short is refused", () => {
  const bytes = program();
  for (const size of [0, 63, 200, dataOffset, smallSize - 81]) {
    assert.throws(() => merge(bytes.subarray(0, size), loader()), Error, `${size} bytes`);
  }
});
