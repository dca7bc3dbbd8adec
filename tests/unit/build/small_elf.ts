/** ELF files of a few hundred bytes, with what a dynamic loader reads and nothing else. */
import { segment } from "../../../build/elf_file.ts";

/** What a small file holds. */
export interface SmallElf {
  readonly machine?: number;
  readonly entry?: number;
  /** The address of the first byte of the file. */
  readonly address: number;
  /** How much memory the second loaded segment takes, beyond its 16 bytes of file. */
  readonly zeroed?: number;
  readonly needed?: readonly string[];
  /** Names with the address of a defined one, undefined for one that is asked for. */
  readonly symbols: ReadonlyMap<string, number | undefined>;
  /** Names that are asked for weakly. */
  readonly weak?: readonly string[];
  /** Names of symbols that are copied from a library. */
  readonly copied?: readonly string[];
  /** Further segments: type and size in memory. */
  readonly segments?: readonly (readonly [type: number, memorySize: number])[];
}

/** Where everything lies in a small file, so that a test can look or break it. */
export const place = { dynamic: 1024, strings: 1536, symbols: 2048, hash: 3072, copied: 3200 };
/** The size of a small file. */
export const smallSize = 4096;
/** Where the 16 bytes of the second segment lie. */
export const dataOffset = 4000;

function writeStrings(bytes: Uint8Array, names: readonly string[]): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  let end = 1;
  for (const name of names) {
    offsets.set(name, end);
    bytes.set(new TextEncoder().encode(name), place.strings + end);
    end += name.length + 1;
  }
  return offsets;
}

type Numbers = readonly number[];

function writeSegments(view: DataView, rows: readonly Numbers[]): void {
  for (const [index, row] of rows.entries()) {
    const [type = 0, flags = 0, offset = 0, address = 0, fileSize = 0, memorySize = 0] = row;
    const at = 64 + index * 56;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, flags, true);
    for (const [word, value] of [offset, address, address, fileSize, memorySize, 4096].entries()) {
      view.setBigUint64(at + 8 + word * 8, BigInt(value), true);
    }
  }
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, rows.length, true);
}

/** Makes the file. */
export function smallElf(content: SmallElf): Uint8Array<ArrayBuffer> {
  const { address, machine = 62, symbols, copied = [], weak = [] } = content;
  const bytes = new Uint8Array(smallSize);
  const view = new DataView(bytes.buffer);
  const word = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(18, machine, true);
  word(24, content.entry ?? address);

  const names = [...symbols.keys()];
  const strings = writeStrings(bytes, [...content.needed ?? [], ...names]);
  const entries = [
    ...(content.needed ?? []).map((name) => [1, strings.get(name) ?? 0]),
    [4, address + place.hash],
    [5, address + place.strings],
    [6, address + place.symbols],
    ...(copied.length === 0 ? [] : [[7, address + place.copied], [8, copied.length * 24]]),
    [0, 0],
  ];
  for (const [index, [tag = 0, value = 0]] of entries.entries()) {
    word(place.dynamic + index * 16, tag);
    word(place.dynamic + index * 16 + 8, value);
  }
  view.setUint32(place.hash + 4, names.length + 1, true);
  for (const [index, name] of names.entries()) {
    const at = place.symbols + (index + 1) * 24;
    view.setUint32(at, strings.get(name) ?? 0, true);
    view.setUint8(at + 4, weak.includes(name) ? 0x22 : 0x12);
    view.setUint16(at + 6, symbols.get(name) === undefined ? 0 : 1, true);
    word(at + 8, symbols.get(name) ?? 0);
  }
  for (const [index, name] of copied.entries()) {
    view.setUint32(place.copied + index * 24 + 8, machine === 62 ? 5 : 1024, true);
    view.setUint32(place.copied + index * 24 + 12, names.indexOf(name) + 1, true);
  }
  const data = address + 0x10000 + dataOffset;
  writeSegments(view, [
    [segment.load, 5, 0, address, dataOffset, dataOffset],
    [segment.load, 6, dataOffset, data, 16, 16 + (content.zeroed ?? 0)],
    [segment.dynamic, 6, place.dynamic, address + place.dynamic, entries.length * 16, 0],
    ...(content.segments ?? []).map(([type, size]) => [type, 4, 0, 0, 0, size]),
  ]);
  return bytes;
}
