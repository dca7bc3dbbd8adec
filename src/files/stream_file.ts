import { Buffer } from "node:buffer";
import { SourceError } from "../errors.ts";
import { fileError } from "./byte_source.ts";
import type { InsideFile } from "./open_inside.ts";

/** Bytes of one piece: larger ones are no faster, and leave more behind for the collector. */
const pieceBytes = 64 * 1024;

/**
 * The content of an open file, as long as it was when it was opened, in pieces of 64 KiB. The file
 * is closed when the stream ends, fails or is cancelled; the stream fails when the file became
 * shorter.
 */
export function streamFile(file: InsideFile): ReadableStream<Uint8Array> {
  let position = 0;
  const pull = async (
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> => {
    const piece = await nextPiece(file, position);
    position += piece.length;
    if (piece.length > 0) controller.enqueue(piece);
    if (position < file.size) return;
    await file.handle.close();
    controller.close();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      try {
        await pull(controller);
      } catch (error) {
        await file.handle.close();
        throw error;
      }
    },
    async cancel(): Promise<void> {
      await file.handle.close();
    },
  }, { highWaterMark: 0 });
}

async function nextPiece(
  file: InsideFile,
  position: number,
): Promise<Uint8Array> {
  const wanted = Math.min(pieceBytes, file.size - position);
  if (wanted === 0) return new Uint8Array(0);
  const piece = Buffer.allocUnsafe(wanted);
  const got = await read(file, piece, position);
  if (got > 0) return piece.subarray(0, got);
  throw new SourceError(
    `Cannot read ${file.path}: it became shorter while it was read`,
    { hint: "Try again when nothing writes to the run directory." },
  );
}

async function read(
  file: InsideFile,
  piece: Uint8Array,
  position: number,
): Promise<number> {
  try {
    return (await file.handle.read(piece, 0, piece.length, position)).bytesRead;
  } catch (error) {
    throw fileError(file.path, error);
  }
}
