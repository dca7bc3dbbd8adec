import type { ProtobufReader } from "../../../src/codec/protobuf.ts";
import { isObject, type Json, type JsonObject } from "../../../src/model/json.ts";
import { readJsonItem } from "./json_item.ts";
import { own, removePath, setPath, type Tree } from "./value_tree.ts";

/** What a ConfigRecord changes. */
export interface ConfigChange {
  /** Values to merge, without the client's own `_wandb`. */
  readonly set: JsonObject;
  readonly remove: readonly (readonly string[])[];
  /** What stands under `_wandb`: chart definitions, class labels, code path. */
  readonly internal: JsonObject;
  /** Names of values that are no JSON. */
  readonly malformed: readonly string[];
}

/** Reads a ConfigRecord: updates first, then removals, as the client applies them. */
export function readConfig(message: ProtobufReader): ConfigChange {
  const set: Tree = {};
  const remove: (readonly string[])[] = [];
  const malformed: string[] = [];
  while (message.next()) {
    if (message.field === 1) {
      const { path, value } = readJsonItem(message.message());
      if (value === undefined) malformed.push(path.join("."));
      else setPath(set, path, value);
    } else if (message.field === 2) {
      remove.push(readJsonItem(message.message()).path);
    } else message.skip();
  }
  const internal: Json | undefined = own(set, "_wandb");
  removePath(set, ["_wandb"]);
  return {
    set,
    remove: remove.filter(([first]) => first !== "_wandb"),
    internal: isObject(internal) ? internal : {},
    malformed,
  };
}
