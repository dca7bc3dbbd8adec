import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { Stream } from "./console_lines.ts";
import { readTimestamp } from "./timestamp.ts";

/** What a program printed at once. */
export interface Output {
  readonly stream: Stream;
  readonly text: string;
  /** ms since epoch. */
  readonly time?: number;
}

/** Reads an OutputRecord or OutputRawRecord; type 0, which is not written, is stderr. */
export function readOutput(message: ProtobufReader): Output {
  let stream: Stream = "stderr";
  let text = "";
  let time: number | undefined;
  while (message.next()) {
    if (message.field === 1) stream = message.uint() === 1 ? "stdout" : "stderr";
    else if (message.field === 2) time = readTimestamp(message.message());
    else if (message.field === 3) text = message.string();
    else message.skip();
  }
  return { stream, text, ...(time === undefined ? {} : { time }) };
}

/** Reads an OutputLoggerRecord (wandb 0.27.0 and later): whole lines without a stream or a time. */
export function readLoggerOutput(message: ProtobufReader): Output {
  let text = "";
  while (message.next()) {
    if (message.field === 1) text = message.string();
    else message.skip();
  }
  return { stream: "stdout", text };
}
