import type { ProtobufReader } from "../../../src/codec/protobuf.ts";

/** Reads the exit code of a RunExitRecord; 0 is not written. */
export function readExitCode(message: ProtobufReader): number {
  let code = 0;
  while (message.next()) {
    if (message.field === 1) code = Number(message.int());
    else message.skip();
  }
  return code;
}
