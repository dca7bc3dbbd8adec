import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import { setKey } from "../../../src/model/json.ts";
import { readGit } from "./run_record.ts";
import { readTimestampText } from "./timestamp.ts";
import { below, own, type Tree } from "./value_tree.ts";

type Reading = (message: ProtobufReader) => Json;

/** How the value of a field is read, and its name in wandb-metadata.json. */
interface Field {
  readonly name: string;
  readonly read: Reading;
  readonly repeated?: boolean;
  /** A map entry {1 key, 2 value}. */
  readonly map?: boolean;
}

type Schema = { readonly [field: number]: Field };

const text: Reading = (message) => message.string();
const whole: Reading = (message) => message.int();
const object = (schema: Schema): Reading => (message) => readFields(message.message(), schema);

/** Consecutive fields from 1 on, all read the same way. */
function fields(read: Reading, ...names: readonly string[]): Schema {
  return Object.fromEntries(names.map((name, at) => [at + 1, { name, read }]));
}

const nvidia: Schema = {
  ...fields(text, "name", "memoryTotal", "cudaCores", "architecture", "uuid"),
  2: { name: "memoryTotal", read: whole },
  3: { name: "cudaCores", read: whole },
  6: { name: "pciBusId", read: text },
  7: { name: "numaNode", read: whole },
};
const apple: Schema = {
  ...fields(whole, "name", "ecpuCores", "pcpuCores", "gpuCores", "memoryGb", "swapTotalBytes"),
  1: { name: "name", read: text },
  7: { name: "ramTotalBytes", read: whole },
  8: { name: "macModel", read: text },
};
const amd = fields(
  text,
  ...["id", "uniqueId", "vbiosVersion", "performanceLevel", "gpuOverdrive", "gpuMemoryOverdrive"],
  ...["maxPower", "series", "model", "vendor", "sku", "sclkRange", "mclkRange"],
);
const trainium: Schema = {
  ...fields(text, "name", "vendor"),
  3: { name: "neuronDeviceCount", read: whole },
  4: { name: "neuroncorePerDeviceCount", read: whole },
};
const tpu: Schema = {
  ...fields(whole, "name", "hbmGib", "devicesPerChip", "count"),
  1: { name: "name", read: text },
};
const time: Reading = (message) => readTimestampText(message.message());

/** EnvironmentRecord of wandb 0.21.0 and later. */
const environment: Schema = {
  1: { name: "os", read: text },
  2: { name: "python", read: text },
  3: { name: "startedAt", read: time },
  4: { name: "docker", read: text },
  5: { name: "args", read: text, repeated: true },
  6: { name: "program", read: text },
  7: { name: "codePath", read: text },
  8: { name: "codePathLocal", read: text },
  9: { name: "git", read: (message) => readGit(message.message()) },
  10: { name: "email", read: text },
  11: { name: "root", read: text },
  12: { name: "host", read: text },
  13: { name: "username", read: text },
  14: { name: "executable", read: text },
  15: { name: "colab", read: text },
  16: { name: "cpu_count", read: whole },
  17: { name: "cpu_count_logical", read: whole },
  18: { name: "gpu", read: text },
  19: { name: "gpu_count", read: whole },
  20: { name: "disk", read: object(fields(whole, "total", "used")), map: true },
  21: { name: "memory", read: object(fields(whole, "total")) },
  22: {
    name: "cpu",
    read: object({ ...fields(whole, "count", "countLogical"), 3: { name: "model", read: text } }),
  },
  23: { name: "apple", read: object(apple) },
  24: { name: "gpu_nvidia", read: object(nvidia), repeated: true },
  25: { name: "cudaVersion", read: text },
  26: { name: "gpu_amd", read: object(amd), repeated: true },
  27: { name: "slurm", read: text, map: true },
  28: { name: "trainium", read: object(trainium) },
  29: { name: "tpu", read: object(tpu) },
  30: { name: "coreweave", read: object(fields(text, "clusterName", "orgId", "region")) },
  199: { name: "writerId", read: text },
};

/** Reads an EnvironmentRecord, with the names that wandb-metadata.json has for its fields. */
export function readEnvironment(message: ProtobufReader): JsonObject {
  return readFields(message, environment);
}

function readFields(message: ProtobufReader, schema: Schema): JsonObject {
  const tree: Tree = {};
  while (message.next()) {
    const field = schema[message.field];
    if (field === undefined) message.skip();
    else if (field.map) readEntry(tree, field, message.message());
    else if (field.repeated) {
      const before = own(tree, field.name);
      setKey(tree, field.name, [...(Array.isArray(before) ? before : []), field.read(message)]);
    } else setKey(tree, field.name, field.read(message));
  }
  return tree;
}

function readEntry(tree: Tree, field: Field, message: ProtobufReader): void {
  let key = "";
  let value: Json = null;
  while (message.next()) {
    if (message.field === 1) key = message.string();
    else if (message.field === 2) value = field.read(message);
    else message.skip();
  }
  setKey(below(tree, field.name), key, value);
}
