import { Buffer } from "node:buffer";
import { isPageSize, type PageSource, readFully } from "./sqlite_pages.ts";

/** The committed pages of a write-ahead log. */
export interface WalIndex {
  readonly source: PageSource;
  readonly pageBytes: number;
  /** Offset in the log of each page's newest content, by page number. */
  readonly pages: ReadonlyMap<number, number>;
}

const headerBytes = 32;
const frameHeaderBytes = 24;
const magicLittle = 0x377f0682;
const magicBig = 0x377f0683;

/**
 * Finds the pages that the log holds up to its last commit. Frames count as long as their running
 * checksums are right; these begin with the header and its salts, so that frames of an earlier use
 * of the file do not. Undefined when there is no valid header.
 */
export async function readWal(
  source: PageSource,
): Promise<WalIndex | undefined> {
  const header = Buffer.alloc(headerBytes);
  if (await readFully(source, header, 0) < headerBytes) return undefined;
  const magic = header.readUInt32BE(0);
  if (magic !== magicLittle && magic !== magicBig) return undefined;
  const bigEndian = magic === magicBig;
  const checksum = new WalChecksum(bigEndian);
  checksum.add(header, 24);
  if (!checksum.isAt(header, 24)) return undefined;
  const pageBytes = header.readUInt32BE(8);
  if (!isPageSize(pageBytes)) return undefined;
  const pages = await committed(source, checksum, pageBytes);
  return { source, pageBytes, pages };
}

async function committed(
  source: PageSource,
  checksum: WalChecksum,
  pageBytes: number,
): Promise<Map<number, number>> {
  const pages = new Map<number, number>();
  let open: [number, number][] = [];
  const frame = Buffer.alloc(frameHeaderBytes + pageBytes);
  for (let at = headerBytes;; at += frame.length) {
    if (await readFully(source, frame, at) < frame.length) return pages;
    checksum.add(frame, 8);
    checksum.add(frame.subarray(frameHeaderBytes), pageBytes);
    if (!checksum.isAt(frame, 16)) return pages;
    open.push([frame.readUInt32BE(0), at + frameHeaderBytes]);
    if (frame.readUInt32BE(4) === 0) continue;
    for (const [page, offset] of open) pages.set(page, offset);
    open = [];
  }
}

/** The running checksum of a log: two sums over pairs of 32-bit words. */
class WalChecksum {
  #first = 0;
  #second = 0;
  readonly #bigEndian: boolean;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  add(bytes: Buffer, length: number): void {
    for (let at = 0; at < length; at += 8) {
      this.#first = (this.#first + this.#word(bytes, at) + this.#second) >>> 0;
      this.#second = (this.#second + this.#word(bytes, at + 4) + this.#first) >>>
        0;
    }
  }

  #word(bytes: Buffer, at: number): number {
    return this.#bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }

  /** Whether the sums stand at this place, always big endian. */
  isAt(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#first &&
      bytes.readUInt32BE(at + 4) === this.#second;
  }
}
