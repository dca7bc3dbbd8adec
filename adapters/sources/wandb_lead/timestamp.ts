import type { ProtobufReader } from "../../../src/codec/protobuf.ts";

/** A google.protobuf.Timestamp in ms since epoch, with fraction. */
export function readTimestamp(message: ProtobufReader): number {
  let seconds = 0;
  let nanoseconds = 0;
  while (message.next()) {
    if (message.field === 1) seconds = Number(message.int());
    else if (message.field === 2) nanoseconds = Number(message.int());
    else message.skip();
  }
  return seconds * 1000 + nanoseconds / 1e6;
}
