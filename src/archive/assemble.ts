import { Buffer } from "node:buffer";
import { encodeManifest, type Manifest, manifestHeader } from "./manifest.ts";
import type { TarBody } from "./tar_body.ts";
import { blockBytes, paddedBytes } from "./tar_header.ts";
import type { Temporary } from "./temporary.ts";

/** The manifest's header: a pax header, its records, and the header proper. */
const headerBytes = 3 * blockBytes;

/**
 * Room for the manifest of a run of so many files and bytes, which spaces fill up: a large body
 * need not be copied to come behind its manifest then. None for small ones, where copying is cheap.
 */
export function manifestRoom(files: number, bytes: number): number {
  if (bytes < 1 << 24) return 0;
  return (1 << 16) + 600 * files + Math.ceil(bytes / 512);
}

/**
 * Completes a tar with its manifest in front; it is then a temporary that wants its name.
 * @throws {DestinationError} when it cannot.
 */
export async function assemble(manifest: Manifest, body: TarBody): Promise<Temporary> {
  const plain = encodeManifest(manifest);
  const room = body.room - headerBytes;
  const text = plain.length > room ? plain : Buffer.alloc(room, " ");
  text.set(plain);
  const header = manifestHeader(manifest.run, text);
  const front = Buffer.alloc(header.length + paddedBytes(text.length));
  front.set(header);
  front.set(text, header.length);
  return await body.complete(front);
}
