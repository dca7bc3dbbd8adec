import type { ProtobufReader } from "../../../src/codec/protobuf.ts";

/** A google.protobuf.Timestamp in ms since epoch, with fraction. */
export function readTimestamp(message: ProtobufReader): number {
  const { seconds, nanoseconds } = parts(message);
  return seconds * 1000 + nanoseconds / 1e6;
}

/** A google.protobuf.Timestamp as text, "2026-11-23T08:12:38.232553Z", every digit of it. */
export function readTimestampText(message: ProtobufReader): string {
  const { seconds, nanoseconds } = parts(message);
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return `${seconds} s`;
  const digits = nanoseconds.toString().padStart(9, "0").replace(/(?:000){1,3}$/, "");
  return at.toISOString().replace(/\.\d+Z$/, digits === "" ? "Z" : `.${digits}Z`);
}

function parts(message: ProtobufReader): { seconds: number; nanoseconds: number } {
  let seconds = 0;
  let nanoseconds = 0;
  while (message.next()) {
    if (message.field === 1) seconds = Number(message.int());
    else if (message.field === 2) nanoseconds = Number(message.int());
    else message.skip();
  }
  return { seconds, nanoseconds };
}
