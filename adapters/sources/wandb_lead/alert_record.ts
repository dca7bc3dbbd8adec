import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { AlertEvent } from "../../../src/model/event.ts";

/** Reads an AlertRecord as an event without its number. */
export function readAlert(message: ProtobufReader): Omit<AlertEvent, "seq"> {
  let title = "";
  let text = "";
  let level = "";
  while (message.next()) {
    if (message.field === 1) title = message.string();
    else if (message.field === 2) text = message.string();
    else if (message.field === 3) level = message.string();
    else message.skip();
  }
  return { type: "alert", title, text, level };
}
