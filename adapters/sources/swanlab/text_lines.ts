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
  let begun: Buffer[] = [];
  let held = 0;
  let offset = 0;
  const cut = (end: Buffer, ended: boolean): Line => {
    const content = begun.length === 0 ? end : Buffer.concat([...begun, end]);
    const line = { offset, content, ended };
    begun = [];
    held = 0;
    offset += content.length + (ended ? 1 : 0);
    return line;
  };
  for await (const bytes of stream) {
    const lines: Line[] = [];
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      lines.push(cut(piece.subarray(start, end), true));
      start = end + 1;
    }
    const rest = piece.subarray(start);
    held += rest.length;
    if (held > longest) lines.push(cut(rest, false));
    else if (rest.length > 0) begun.push(rest);
    if (lines.length > 0) yield lines;
  }
  if (held > 0) yield [cut(Buffer.alloc(0), false)];
}
