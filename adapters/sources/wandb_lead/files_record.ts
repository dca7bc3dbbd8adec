import type { ProtobufReader } from "../../../src/codec/protobuf.ts";

/** A file that the client registered for upload. */
export interface RegisteredFile {
  /** Relative to `files/`; with the brackets of an escaped glob up to 0.19.7. */
  readonly path: string;
  /** FilesItem.type 2: it belongs to a media value. */
  readonly isMedia: boolean;
}

/** Reads a FilesRecord. When to upload a file does not matter here. */
export function readFiles(message: ProtobufReader): readonly RegisteredFile[] {
  const files: RegisteredFile[] = [];
  while (message.next()) {
    if (message.field === 1) files.push(readFile(message.message()));
    else message.skip();
  }
  return files;
}

function readFile(message: ProtobufReader): RegisteredFile {
  let path = "";
  let type = 0;
  while (message.next()) {
    if (message.field === 1) path = message.string();
    else if (message.field === 3) type = message.uint();
    else message.skip();
  }
  return { path: path.replaceAll("\\", "/"), isMedia: type === 2 };
}
