import { Buffer } from "node:buffer";

/** One line of a file. */
export interface Line {
  /** Offset in the file of its first byte. */
  readonly offset: number;
  readonly content: Buffer;
  /** Whether a newline ends it; only the last line may have none. */
  readonly ended: boolean;
}

const newline = 0x0a;

/**
 * Cuts a stream into lines, an array for each piece of it. A line longer than `longest` bytes comes
 * in several parts, none of them ended but the last.
 */
export async function* textLines(
  stream: AsyncIterable<Uint8Array>,
  longest: number,
): AsyncGenerator<readonly Line[], void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const piece of stream) {
    const lines: Line[] = [];
    let buffer: Buffer = rest.length === 0
      ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
      : Buffer.concat([rest, piece]);
    let end = buffer.indexOf(newline);
    while (end >= 0) {
      lines.push({ offset, content: buffer.subarray(0, end), ended: true });
      offset += end + 1;
      buffer = buffer.subarray(end + 1);
      end = buffer.indexOf(newline);
    }
    if (buffer.length > longest) {
      lines.push({ offset, content: buffer, ended: false });
      offset += buffer.length;
      buffer = Buffer.alloc(0);
    }
    rest = buffer;
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [{ offset, content: rest, ended: false }];
}
