import { Buffer } from "node:buffer";
import { blockBytes, chunk, ChunkCheck, chunkHeader } from "./log_chunk.ts";
import { PendingRecord, type Span } from "./pending_record.ts";

/** Where the log's bytes come from; 0 from `read` is the end. */
export interface LogSource {
  read(into: Uint8Array, position: number): Promise<number>;
}

/** A record, or a stretch of the log that holds none that can be read. */
export type LogItem =
  | {
    readonly type: "record";
    /** Offset of its first chunk. */
    readonly offset: number;
    readonly payload: Buffer;
  }
  | {
    readonly type: "gap";
    readonly offset: number;
    readonly bytes: number;
    readonly reason: string;
  };

/** Where a log ends early. */
export interface LogTail {
  /** Offset of the first byte that is not part of a whole record. */
  readonly offset: number;
  /** Bytes from there to the end. */
  readonly bytes: number;
  readonly reason: string;
}

/** How a tracker writes its log. */
export interface RecordLogOptions {
  /** Offset of the first chunk; 7 unless told, the length of both trackers' file headers. */
  readonly start?: number;
  /**
   * First bytes of a file header that is stepped over wherever a chunk could begin: a forked writer
   * leaves a second copy of the log's head in the middle.
   */
  readonly header?: Uint8Array;
  /** Whether whole records may stand between the chunks of another: writers without a lock. */
  readonly interposed?: boolean;
  /** Whether a payload really decodes; asked where chunks of two records may have been mixed up. */
  readonly accept?: (payload: Buffer) => boolean;
  /** Whether somebody still writes it: until {@link RecordLog.complete} its end is not yet there. */
  readonly growing?: boolean;
}

interface Gap extends Span {
  readonly reason: string;
}

/** Bytes read at once, but for the first time: most logs are small, and many are open at once. */
const readBytes = 256 * 1024;
const firstBytes = 32 * 1024;
/** What must be in the window before a chunk is looked for: padding and the longest chunk. */
const lookahead = blockBytes + chunkHeader;
/** Bytes of both trackers' file headers. */
const fileHeader = 7;

const reasons = {
  damaged: "no valid record here",
  unfinished: "a record without its end",
  headless: "a record without its beginning",
  mixed: "a record mixed from chunks of several",
  zeros: "zero bytes",
  cut: "the last record is cut short",
} as const;

/**
 * Reads the log that W&B (`.wandb`) and SwanLab (`.swanlab`) write: LevelDB's layout of 32 KiB
 * blocks with a plain CRC-32 per chunk. Blocks may be counted from the start of the file or from
 * behind its header (Go clients of wandb 0.15.10 to 0.17.5): a chunk proves itself by its checksum,
 * and the alignment only shows in up to six zero bytes between chunks.
 *
 * After damage it goes on at the next byte where a chunk proves itself. Every byte is in a record,
 * padding, a stepped-over header, a gap, or the tail.
 */
export class RecordLog {
  readonly #source: LogSource;
  readonly #header: Buffer | undefined;
  readonly #interposed: boolean;
  readonly #accept: ((payload: Buffer) => boolean) | undefined;

  #window: Buffer = Buffer.alloc(0);
  #check: ChunkCheck = new ChunkCheck(this.#window);
  /** Offset in the log of the window's first byte. */
  #base: number;
  /** Bytes of the window that are filled. */
  #filled = 0;
  /** The next unread byte of the window. */
  #at = 0;
  #growing: boolean;
  /** Whether the source has no more for now. */
  #dry = false;

  #items: LogItem[] = [];
  #pending: PendingRecord | undefined;
  /** Whether the pending record's chunks may not be its own. */
  #suspect = false;
  /** A stretch without records that may still grow. */
  #gap: Gap | undefined;
  #sliding = false;
  #tail: LogTail | undefined;
  #bytesRead = 0;

  constructor(source: LogSource, options: RecordLogOptions = {}) {
    this.#source = source;
    this.#base = options.start ?? fileHeader;
    this.#growing = options.growing ?? false;
    this.#header = options.header === undefined ? undefined : Buffer.from(options.header);
    this.#interposed = options.interposed ?? false;
    this.#accept = options.accept;
  }

  /** Where and why the log ends early; known when `items` has ended, undefined when it ends well. */
  get tail(): LogTail | undefined {
    return this.#tail;
  }

  /** Bytes read from the source so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * The log's records and gaps, in arrays of about 256 KiB. Payloads are valid until the next array
   * is asked for. May be called once; of a growing log again, for what was added, until one call
   * after {@link complete}. All calls together give what one call would give for the whole.
   * @throws whatever the source's `read` throws; damage never throws.
   */
  async *items(): AsyncGenerator<readonly LogItem[], void, undefined> {
    this.#dry = false;
    for (let bytes = firstBytes; !this.#dry; bytes = readBytes) {
      this.#widen(bytes);
      await this.#fill(bytes);
      const isEnd = this.#dry && !this.#growing;
      this.#scan(isEnd ? this.#filled : this.#filled - lookahead);
      if (isEnd) this.#finish();
      else if (this.#dry) this.#prove();
      if (this.#items.length > 0) yield this.#items;
      this.#items = [];
    }
    if (this.#growing) this.#rest();
  }

  /** Says of a growing log that nothing more comes. */
  complete(): void {
    this.#growing = false;
  }

  /** Moves what is unread to the front of a window that has room for so many bytes more. */
  #widen(bytes: number): void {
    const room = bytes + 2 * blockBytes;
    if (this.#window.length < room) {
      const window = Buffer.allocUnsafe(room);
      this.#window.copy(window, 0, this.#at, this.#filled);
      this.#window = window;
      this.#check = new ChunkCheck(window);
    } else {
      this.#window.copyWithin(0, this.#at, this.#filled);
      this.#check.forget();
    }
    this.#base += this.#at;
    this.#filled -= this.#at;
    this.#at = 0;
  }

  /** Reads on behind what is unread. */
  async #fill(bytes: number): Promise<void> {
    const window = this.#window;
    const wanted = Math.min(window.length, this.#filled + bytes);
    while (this.#filled < wanted) {
      const got = await this.#source.read(
        window.subarray(this.#filled, wanted),
        this.#base + this.#filled,
      );
      if (got === 0) {
        this.#dry = true;
        return;
      }
      this.#filled += got;
      this.#bytesRead += got;
    }
  }

  /** Reads the window up to `limit`; a chunk that begins before it may end behind it. */
  #scan(limit: number): void {
    const check = this.#check;
    while (this.#at < limit) {
      const at = this.#at;
      const end = check.chunkEnd(at, this.#filled);
      if (end !== 0) {
        this.#sliding = false;
        this.#take(at, end);
        this.#at = end;
        continue;
      }
      if (!this.#sliding) {
        const stepped = this.#step(at);
        if (stepped !== 0) {
          this.#at = stepped;
          continue;
        }
        this.#dropPending(reasons.unfinished);
        this.#sliding = true;
      }
      const next = Math.min(limit, check.find(at + 1, limit, this.#filled));
      this.#lose(this.#base + at, this.#base + next, reasons.damaged);
      this.#at = next;
    }
  }

  /**
   * Takes in the chunks that prove themselves at the end of what is there by now. Whatever else
   * stands there may be a chunk that is not written to its end.
   */
  #prove(): void {
    while (this.#at < this.#filled) {
      const at = this.#at;
      const end = this.#check.chunkEnd(at, this.#filled);
      if (end !== 0) {
        this.#sliding = false;
        this.#take(at, end);
      }
      const next = end !== 0 || this.#sliding ? end : this.#step(at);
      if (next === 0) return;
      this.#at = next;
    }
  }

  /** Forgets what is unread: until the next call other bytes may stand there, and memory is dear. */
  #rest(): void {
    this.#base += this.#at;
    this.#at = 0;
    this.#filled = 0;
    this.#window = Buffer.alloc(0);
  }

  /** Offset behind padding or an embedded file header at `at`; 0 when there is neither. */
  #step(at: number): number {
    // The checksum behind the padding may begin with zeros itself: every length is tried.
    for (let end = at + 1; end < at + chunkHeader && end <= this.#filled; end++) {
      if (this.#window[end - 1] !== 0) break;
      if (this.#check.chunkEnd(end, this.#filled) !== 0) return end;
      const isLast = end === this.#filled && !this.#growing;
      if (isLast && isBoundary(this.#base + end)) return end;
    }
    if (!this.#startsHeader(at)) return 0;
    const end = at + fileHeader;
    if (end <= this.#filled) return end;
    return this.#growing ? 0 : this.#filled;
  }

  #startsHeader(at: number): boolean {
    const header = this.#header;
    if (header === undefined || at + header.length > this.#filled) return false;
    return this.#window.compare(
      header,
      0,
      header.length,
      at,
      at + header.length,
    ) ===
      0;
  }

  /** Takes in the proven chunk between `at` and `end`. */
  #take(at: number, end: number): void {
    const payload = this.#window.subarray(at + chunkHeader, end);
    const offset = this.#base + at;
    switch (this.#window[at + 6]) {
      case chunk.full:
        if (this.#interposed) this.#suspect = this.#pending !== undefined;
        else this.#dropPending(reasons.unfinished);
        this.#deliver(offset, payload);
        return;
      case chunk.first:
        this.#suspect = this.#pending !== undefined;
        this.#dropPending(reasons.unfinished);
        this.#pending = new PendingRecord();
        this.#pending.add(offset, payload);
        return;
      default:
        if (this.#pending === undefined) {
          this.#lose(offset, this.#base + end, reasons.headless);
          return;
        }
        this.#pending.add(offset, payload);
        if (this.#window[at + 6] === chunk.last) this.#join(this.#pending);
        else if (this.#pending.absurd) this.#dropPending(reasons.unfinished);
    }
  }

  /** Makes a record of the chunks of one. */
  #join(record: PendingRecord): void {
    const payload = record.payload();
    if (this.#suspect && this.#accept?.(payload) === false) {
      this.#dropPending(reasons.mixed);
      return;
    }
    this.#pending = undefined;
    this.#deliver(record.spans[0]?.offset ?? 0, payload);
  }

  #deliver(offset: number, payload: Buffer): void {
    if (this.#gap !== undefined) this.#flushGap();
    this.#items.push({ type: "record", offset, payload });
  }

  #dropPending(reason: string): void {
    for (const { offset, end } of this.#pending?.spans ?? []) {
      this.#lose(offset, end, reason);
    }
    this.#pending = undefined;
  }

  #lose(offset: number, end: number, reason: string): void {
    if (offset === end) return;
    const gap = this.#gap;
    if (gap !== undefined && gap.end === offset) {
      gap.end = end;
      return;
    }
    if (gap !== undefined) this.#flushGap();
    this.#gap = { offset, end, reason };
  }

  #flushGap(): void {
    const gap = this.#gap;
    if (gap === undefined) return;
    const { offset, end, reason } = gap;
    this.#items.push({ type: "gap", offset, bytes: end - offset, reason });
    this.#gap = undefined;
  }

  /** At the end of the log: what reaches it without being a record is the tail. */
  #finish(): void {
    const end = this.#base + this.#filled;
    this.#dropPending(reasons.unfinished);
    const gap = this.#gap;
    if (gap === undefined) return;
    if (gap.end !== end) {
      this.#flushGap();
      return;
    }
    const reason = this.#tailReason(gap);
    this.#tail = { offset: gap.offset, bytes: end - gap.offset, reason };
    this.#gap = undefined;
  }

  #tailReason(gap: Gap): string {
    if (gap.reason === reasons.unfinished) return reasons.cut;
    const start = gap.offset - this.#base;
    if (start < 0) return gap.reason;
    const rest = this.#window.subarray(start, this.#filled);
    if (rest.every((byte) => byte === 0)) return reasons.zeros;
    if (rest.length < chunkHeader) return reasons.cut;
    const type = rest[6] as number;
    const plausible = type >= chunk.full && type <= chunk.last;
    const beyond = chunkHeader + rest.readUInt16LE(4) > rest.length;
    return plausible && beyond ? reasons.cut : gap.reason;
  }
}

/** Whether a block of either alignment ends at this offset. */
function isBoundary(offset: number): boolean {
  const inBlock = offset % blockBytes;
  return inBlock === 0 || inBlock === fileHeader;
}
