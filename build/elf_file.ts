/**
 * The parts of an ELF file that the merge reads and writes (System V ABI, 64-bit, little-endian):
 * the file header and the program headers. Anything else is refused.
 */

/** Values of a program header's type. */
export const segment = {
  load: 1,
  dynamic: 2,
  interpreter: 3,
  note: 4,
  table: 6,
  threadLocal: 7,
  unwind: 0x6474e550,
  stack: 0x6474e551,
} as const;

/** One program header. Addresses and sizes are bytes. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

/** A file whose headers have been checked. */
export interface ElfFile {
  readonly bytes: Uint8Array;
  /** 62 for x86-64, 183 for AArch64. */
  readonly machine: number;
  /** The address at which the program begins. */
  readonly entry: number;
  /** Where the program headers lie. */
  readonly tableOffset: number;
  readonly segments: readonly Segment[];
}

const headerSize = 64;
const segmentSize = 56;

/** A view of the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads 8 bytes as a number; throws if it is beyond what a number holds exactly. */
export function readWord(view: DataView, offset: number): number {
  const value = Number(view.getBigUint64(offset, true));
  if (!Number.isSafeInteger(value)) throw new Error(`The value at ${offset} is too large`);
  return value;
}

/** Writes a number as 8 bytes. */
export function writeWord(view: DataView, offset: number, value: number): void {
  view.setBigUint64(offset, BigInt(value), true);
}

function readSegment(view: DataView, offset: number): Segment {
  return {
    type: view.getUint32(offset, true),
    flags: view.getUint32(offset + 4, true),
    offset: readWord(view, offset + 8),
    address: readWord(view, offset + 16),
    fileSize: readWord(view, offset + 32),
    memorySize: readWord(view, offset + 40),
    align: readWord(view, offset + 48),
  };
}

/** Writes a program header; virtual and physical address are the same. */
function writeSegment(view: DataView, offset: number, value: Segment): void {
  view.setUint32(offset, value.type, true);
  view.setUint32(offset + 4, value.flags, true);
  writeWord(view, offset + 8, value.offset);
  writeWord(view, offset + 16, value.address);
  writeWord(view, offset + 24, value.address);
  writeWord(view, offset + 32, value.fileSize);
  writeWord(view, offset + 40, value.memorySize);
  writeWord(view, offset + 48, value.align);
}

/** Checks the headers of a file; throws, saying what is not as expected, on any other layout. */
export function readElf(bytes: Uint8Array): ElfFile {
  const view = viewOf(bytes);
  if (bytes.length < headerSize || view.getUint32(0) !== 0x7f454c46) {
    throw new Error("This is not an ELF file");
  }
  if (view.getUint16(4) !== 0x0201) throw new Error("The ELF file is not 64-bit little-endian");
  const machine = view.getUint16(18, true);
  if (machine !== 62 && machine !== 183) {
    throw new Error(`The ELF file is for machine ${machine}; only 62 (x64) and 183 (arm64) can be`);
  }
  if (view.getUint16(54, true) !== segmentSize) {
    throw new Error("The ELF file's program headers have another size than 56 bytes");
  }
  const tableOffset = readWord(view, 32);
  const count = view.getUint16(56, true);
  if (tableOffset + count * segmentSize > bytes.length) {
    throw new Error("The ELF file ends within its program headers");
  }
  const segments = Array.from(
    { length: count },
    (_, index) => readSegment(view, tableOffset + index * segmentSize),
  );
  for (const { type, offset, fileSize } of segments) {
    if (offset + fileSize > bytes.length) {
      throw new Error(`The ELF file ends within its segment of type ${type} at ${offset}`);
    }
  }
  return { bytes, machine, entry: readWord(view, 24), tableOffset, segments };
}

/**
 * Writes other program headers and another entry into `bytes`, which begin as `file` does. Throws
 * if there are more than before: behind the table lies something else.
 */
export function writeHeaders(
  bytes: Uint8Array,
  file: ElfFile,
  segments: readonly Segment[],
  entry: number,
): void {
  if (segments.length > file.segments.length) {
    throw new Error(
      `${segments.length} program headers do not fit where ${file.segments.length} were`,
    );
  }
  const view = viewOf(bytes);
  for (const [index, value] of segments.entries()) {
    writeSegment(view, file.tableOffset + index * segmentSize, value);
  }
  view.setUint16(56, segments.length, true);
  writeWord(view, 24, entry);
}

/** Where in the file the byte of an address lies; throws if no loaded segment holds it. */
export function fileOffset(file: ElfFile, address: number): number {
  for (const part of file.segments) {
    const distance = address - part.address;
    if (part.type === segment.load && distance >= 0 && distance < part.fileSize) {
      return part.offset + distance;
    }
  }
  throw new Error(`No segment of the ELF file holds address 0x${address.toString(16)}`);
}

/** The only segment of a type; throws unless there is exactly one. */
export function onlySegment(file: ElfFile, type: number): Segment {
  const [found, ...more] = file.segments.filter((part) => part.type === type);
  if (found === undefined || more.length > 0) {
    throw new Error(
      `The ELF file has ${found === undefined ? "no segment" : "several segments"} of type ${type}`,
    );
  }
  return found;
}
