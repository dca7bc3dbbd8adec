/** What an ELF file tells a dynamic loader: the libraries it needs, and its symbols. */
import { type ElfFile, fileOffset, onlySegment, readWord, segment, viewOf } from "./elf_file.ts";

/** Tags of the dynamic section. */
const tag = {
  needed: 1,
  hash: 4,
  strings: 5,
  symbols: 6,
  relocations: 7,
  relocationsSize: 8,
} as const;

/** A library that is needed. */
export interface Needed {
  readonly name: string;
  /** Where in the file its string offset is stored. */
  readonly fileOffset: number;
  /** The offset of its name in the string table. */
  readonly nameOffset: number;
}

/** One dynamic symbol. */
export interface DynamicSymbol {
  readonly name: string;
  readonly defined: boolean;
  /** Whether something must define it: its binding is global, not weak. */
  readonly strong: boolean;
  /** The address of a defined one. */
  readonly value: number;
}

/** What `readDynamic` finds. */
export interface Dynamic {
  readonly needed: readonly Needed[];
  readonly symbols: readonly DynamicSymbol[];
  /** Names of objects whose first contents are copied from the library that defines them. */
  readonly copied: readonly string[];
}

interface Entry {
  readonly tag: number;
  readonly value: number;
  readonly at: number;
}

function entriesOf(file: ElfFile): readonly Entry[] {
  const { offset, fileSize } = onlySegment(file, segment.dynamic);
  const view = viewOf(file.bytes);
  const entries: Entry[] = [];
  for (let at = offset; at + 16 <= offset + fileSize; at += 16) {
    const entry = { tag: readWord(view, at), value: readWord(view, at + 8), at };
    if (entry.tag === 0) return entries;
    entries.push(entry);
  }
  throw new Error("The dynamic section of the ELF file has no end");
}

function valueOf(entries: readonly Entry[], wanted: number): number {
  const found = entries.find((entry) => entry.tag === wanted);
  if (found === undefined) throw new Error(`The ELF file has no dynamic entry ${wanted}`);
  return found.value;
}

function textAt(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0, offset);
  if (end === -1) throw new Error("A string of the ELF file has no end");
  return new TextDecoder().decode(bytes.subarray(offset, end));
}

function symbolsOf(file: ElfFile, entries: readonly Entry[]): readonly DynamicSymbol[] {
  const view = viewOf(file.bytes);
  const strings = fileOffset(file, valueOf(entries, tag.strings));
  const symbols = fileOffset(file, valueOf(entries, tag.symbols));
  // The second word of DT_HASH is the number of symbols; nothing else tells it.
  const count = view.getUint32(fileOffset(file, valueOf(entries, tag.hash)) + 4, true);
  return Array.from({ length: count }, (_, index) => {
    const at = symbols + index * 24;
    return {
      name: textAt(file.bytes, strings + view.getUint32(at, true)),
      defined: view.getUint16(at + 6, true) !== 0,
      strong: view.getUint8(at + 4) >> 4 === 1,
      value: readWord(view, at + 8),
    };
  });
}

/** R_X86_64_COPY and R_AARCH64_COPY. */
const copyRelocations: Readonly<Record<number, number>> = { 62: 5, 183: 1024 };

function copiedNames(
  file: ElfFile,
  entries: readonly Entry[],
  symbols: readonly DynamicSymbol[],
): readonly string[] {
  if (!entries.some((entry) => entry.tag === tag.relocations)) return [];
  const view = viewOf(file.bytes);
  const start = fileOffset(file, valueOf(entries, tag.relocations));
  const end = start + valueOf(entries, tag.relocationsSize);
  const names: string[] = [];
  for (let at = start; at < end; at += 24) {
    if (view.getUint32(at + 8, true) !== copyRelocations[file.machine]) continue;
    const index = view.getUint32(at + 12, true);
    names.push(symbols[index]?.name ?? `number ${index}`);
  }
  return names;
}

/** Reads the dynamic section; throws where it is not as the ABI says. */
export function readDynamic(file: ElfFile): Dynamic {
  const entries = entriesOf(file);
  const strings = fileOffset(file, valueOf(entries, tag.strings));
  const symbols = symbolsOf(file, entries);
  return {
    needed: entries.filter((entry) => entry.tag === tag.needed).map(({ value, at }) => ({
      name: textAt(file.bytes, strings + value),
      fileOffset: at + 8,
      nameOffset: value,
    })),
    symbols,
    copied: copiedNames(file, entries, symbols),
  };
}
