import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { JsonObject } from "../../../src/model/json.ts";

const texts: { readonly [field: number]: string } = {
  4: "python_version",
  5: "cli_version",
  6: "huggingface_version",
  12: "core_version",
  13: "platform",
};

/**
 * Reads what a TelemetryRecord says about the environment. The rest of it, which features and
 * imports were used, is for the makers of the client.
 */
export function readTelemetry(message: ProtobufReader): JsonObject {
  const telemetry: { [key: string]: string } = {};
  while (message.next()) {
    const name = texts[message.field];
    if (name === undefined) message.skip();
    else telemetry[name] = message.string();
  }
  return telemetry;
}
