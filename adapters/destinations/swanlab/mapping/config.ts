import type { ConfigEvent } from "../../../../src/model/event.ts";
import { type Json, type JsonObject, setKey } from "../../../../src/model/json.ts";
import { merged, without } from "./nested.ts";
import type { ConfigField } from "./outbox.ts";
import { plainJson } from "./plain_json.ts";

/** Collects the configuration. */
export class ConfigMapping {
  #config: JsonObject = {};
  #given = false;

  map({ set, remove = [] }: ConfigEvent): void {
    this.#given = true;
    this.#config = merged(this.#config, set);
    for (const path of remove) this.#config = without(this.#config, path);
  }

  /**
   * The configuration as SwanLab takes it, in the order in which keys were first set; `more` are
   * values of other places that have none of their own at SwanLab. Undefined without any.
   */
  result(
    more: readonly (readonly [string, Json | undefined])[],
  ): { readonly [key: string]: ConfigField } | undefined {
    const fields: { [key: string]: ConfigField } = {};
    let sort = 0;
    const add = (key: string, value: Json): void =>
      setKey(fields, key, { value: plainJson(value), desc: "", sort: sort++ });
    for (const [key, value] of Object.entries(this.#config)) {
      if (key !== "_wandb") add(key, value);
    }
    for (const [key, value] of more) {
      if (value !== undefined) add(key, value);
    }
    return sort === 0 && !this.#given ? undefined : fields;
  }
}
