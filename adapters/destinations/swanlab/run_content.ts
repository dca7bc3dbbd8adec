import { createHash } from "node:crypto";
import type { RunFiles } from "../../../src/adapter.ts";
import { AbsentFileError, SourceError } from "../../../src/errors.ts";
import type { Content } from "./mapping/outbox.ts";

/** Bytes of a content that is held in memory; anything larger is read again for each use. */
const mostHeld = 8 << 20;

/** Bytes of a content that is converted: that is done in memory. */
const mostConverted = 32 << 20;

/** A content that was read once, so that its size and hashes are known. */
export interface RunContent {
  /** Bytes. */
  readonly size: number;
  /** 64 hex digits. */
  readonly sha256: string;
  /** 32 hex digits. */
  readonly md5: string;
  /** Bytes that it keeps in memory. */
  readonly held: number;
  open(): Promise<Uint8Array | ReadableStream<Uint8Array>>;
}

/**
 * Reads a content of a run to its end; undefined when it is to be converted and cannot be.
 * @throws {SourceError} when a file cannot be read.
 */
export async function readContent(
  files: RunFiles,
  content: Content,
): Promise<RunContent | undefined> {
  if ("bytes" in content) return heldContent(content.bytes);
  const { file, convert } = content;
  const limit = convert === undefined ? mostHeld : mostConverted;
  const sha256 = createHash("sha256");
  const md5 = createHash("md5");
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of await files.file(file)) {
    size += piece.length;
    sha256.update(piece);
    md5.update(piece);
    if (size <= limit) pieces.push(piece.slice());
    else pieces.length = 0;
  }
  if (convert !== undefined) {
    const converted = size > limit ? undefined : convert(joined(pieces, size));
    return converted === undefined ? undefined : heldContent(converted);
  }
  const hashes = { size, sha256: sha256.digest("hex"), md5: md5.digest("hex") };
  if (size > limit) return { ...hashes, held: 0, open: () => files.file(file) };
  const bytes = joined(pieces, size);
  return { ...hashes, held: size, open: () => Promise.resolve(bytes) };
}

/** A content that was made here. */
function heldContent(bytes: Uint8Array): RunContent {
  return {
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    md5: createHash("md5").update(bytes).digest("hex"),
    held: bytes.length,
    open: () => Promise.resolve(bytes),
  };
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Why a file of the run did not arrive, as a phrase that is the same for all files. */
export function unreadable(error: SourceError): {
  readonly kind: "unsupported" | "rejected";
  readonly reason: string;
} {
  const { message } = error;
  const cause = message.startsWith("Cannot read ")
    ? message.slice(message.lastIndexOf(": ") + 2)
    : message;
  return {
    kind: error instanceof AbsentFileError ? "unsupported" : "rejected",
    reason: `file not read: ${cause}`,
  };
}
