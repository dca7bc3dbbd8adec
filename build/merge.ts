/**
 * Turns a finished musl executable of `bun build --compile` into one that needs nothing: no
 * interpreter, no libraries, no /proc. It puts the loader object (build/loader) into the same file as
 * two more segments, and lets the kernel start there. musl then believes that it was loaded as the
 * interpreter, and starts the program as ever. Only after `--compile`: in a merged base Bun would put
 * its payload behind the highest address.
 */
import { type Dynamic, type DynamicSymbol, readDynamic } from "./elf_dynamic.ts";
import {
  type ElfFile,
  fileOffset,
  onlySegment,
  readElf,
  type Segment,
  segment,
  viewOf,
  writeHeaders,
  writeWord,
} from "./elf_file.ts";

/** Where the loader goes: above every program (they lie between 0x200000 and 0x7000000). */
const loaderBase = 0x70000000;
/** What the loader's entry holds until it is told the program's. */
const unsetEntry = 0x1122334455667788n;
/** The two C++ variables in struct pthread (build/loader/musl.patch), 16 bytes. */
const loaderThreadLocal = 16;

const knownTypes: readonly number[] = Object.values(segment);

function loaded(file: ElfFile): readonly Segment[] {
  return file.segments.filter(({ type }) => type === segment.load);
}

/** Throws unless both files are laid out as those that this merge was made for. */
function checkLayout(program: ElfFile, loader: ElfFile): void {
  if (program.machine !== loader.machine) {
    throw new Error(`The program is for machine ${program.machine}, the loader ${loader.machine}`);
  }
  const unknown = program.segments.find(({ type }) => !knownTypes.includes(type));
  if (unknown !== undefined) {
    throw new Error(`The program has a segment of the unknown type 0x${unknown.type.toString(16)}`);
  }
  onlySegment(program, segment.interpreter);
  // musl takes the size of a thread's stack from it.
  onlySegment(program, segment.stack);
  const end = Math.max(...loaded(program).map(({ address, memorySize }) => address + memorySize));
  if (end > loaderBase) {
    throw new Error(`The program reaches to 0x${end.toString(16)}, where the loader must lie`);
  }
  if (loaded(loader).length !== 2) {
    throw new Error(`The loader has ${loaded(loader).length} loaded segments instead of 2`);
  }
  if (onlySegment(loader, segment.threadLocal).memorySize !== loaderThreadLocal) {
    throw new Error("The loader has other thread-local variables than its two of C++");
  }
}

/** Throws if the program asks for anything that the loader does not define. */
function checkSymbols(program: Dynamic, loader: Dynamic): void {
  const defined = new Set(
    loader.symbols.filter((symbol) => symbol.defined).map(({ name }) => name),
  );
  const asked = program.symbols.filter((symbol) => symbol.strong && !symbol.defined)
    .map(({ name }) => name);
  const missing = [...asked, ...program.copied].filter((name) => !defined.has(name));
  if (missing.length > 0) {
    throw new Error(
      `The loader lacks ${missing.join(", ")}, which the program needs; ` +
        "define them in build/loader and make it anew",
    );
  }
}

function symbolNamed(dynamic: Dynamic, name: string): DynamicSymbol {
  const found = dynamic.symbols.find((symbol) => symbol.defined && symbol.name === name);
  if (found === undefined) throw new Error(`The loader has no ${name}`);
  return found;
}

/** musl resolves any name that begins with `libc.` to itself, so every library gets such a name. */
function needOnlyLibc(bytes: Uint8Array, { needed }: Dynamic): void {
  const libc = needed.find(({ name }) => name.startsWith("libc."));
  if (libc === undefined) throw new Error("The program does not need musl's libc");
  for (const library of needed) writeWord(viewOf(bytes), library.fileOffset, libc.nameOffset);
}

/** A copy of the loader that knows where the program begins. */
function tellEntry(loader: ElfFile, dynamic: Dynamic, entry: number): Uint8Array {
  const bytes = loader.bytes.slice();
  const at = fileOffset(loader, symbolNamed(dynamic, "merged_entry").value);
  if (viewOf(bytes).getBigUint64(at, true) !== unsetEntry) {
    throw new Error("The loader has no room for the program's entry where merged_entry is");
  }
  writeWord(viewOf(bytes), at, entry);
  return bytes;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/**
 * The loader's segments as they lie in the merged file. Each begins at the offset within a page that
 * its address has, as the kernel demands, and fills its last page: musl gives unused tails of writable
 * pages to malloc. Zeroed memory is written out, since it does not end the file.
 */
function placeSegments(loader: ElfFile, page: number, start: number): readonly Segment[] {
  let end = roundUp(start, page);
  return loaded(loader).map(({ type, flags, address, memorySize }) => {
    const offset = end + address % page;
    const size = roundUp(address + memorySize, page) - address;
    end = offset + size;
    return {
      type,
      flags,
      offset,
      address: loaderBase + address,
      fileSize: size,
      memorySize: size,
      align: page,
    };
  });
}

/** The program's headers with the loader's behind its own, in the order of addresses. */
function mergedSegments(program: ElfFile, added: readonly Segment[]): readonly Segment[] {
  const kept = program.segments.filter(({ type }) =>
    type !== segment.interpreter && type !== segment.note
  );
  const last = kept.findLastIndex(({ type }) => type === segment.load);
  return [...kept.slice(0, last + 1), ...added, ...kept.slice(last + 1)];
}

/**
 * Merges a program and the loader object of its architecture into the bytes of a static executable.
 * Throws if either is laid out in an unknown way, or the program needs what the loader lacks.
 */
export function merge(programBytes: Uint8Array, loaderBytes: Uint8Array): Uint8Array {
  const program = readElf(programBytes);
  const loader = readElf(loaderBytes);
  checkLayout(program, loader);
  const programDynamic = readDynamic(program);
  const loaderDynamic = readDynamic(loader);
  checkSymbols(programDynamic, loaderDynamic);

  // Kernels for arm64 may have pages of 64 KiB.
  const page = program.machine === 183 ? 0x10000 : 0x1000;
  const added = placeSegments(loader, page, programBytes.length);
  const merged = new Uint8Array(
    Math.max(...added.map(({ offset, fileSize }) => offset + fileSize)),
  );
  merged.set(programBytes);
  const told = tellEntry(loader, loaderDynamic, program.entry);
  for (const [index, { offset, fileSize }] of loaded(loader).entries()) {
    merged.set(told.subarray(offset, offset + fileSize), added[index]?.offset);
  }
  needOnlyLibc(merged, programDynamic);
  const entry = loaderBase + symbolNamed(loaderDynamic, "merged_start").value;
  writeHeaders(merged, program, mergedSegments(program, added), entry);
  return merged;
}
