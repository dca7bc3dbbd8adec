import type { HistoryValue } from "../../../src/model/event.ts";
import type { Integer, Json } from "../../../src/model/json.ts";
import type { Role } from "./history_key.ts";
import type { KeyItem } from "./key_items.ts";
import type { SpecialValue } from "./value_tree.ts";

/** What a history record says; one object is used for all rows of a log. */
export class HistoryRow {
  values: { [key: string]: HistoryValue } = {};
  /** Media and the like. */
  special: SpecialValue[] = [];
  /** Items whose value cannot be read. */
  unread: KeyItem[] = [];
  /** The `_step` item, where that is a whole number. */
  step: Integer | undefined;
  /** The step of the record itself; undefined when it has none. */
  recordStep: Integer | undefined;
  /** `_timestamp` in seconds since epoch. */
  timestamp: number | undefined;
  /** `_runtime` in seconds. */
  runtime: number | undefined;

  /** Makes it a row without anything in it. */
  clear(): void {
    this.values = {};
    if (this.special.length > 0) this.special = [];
    if (this.unread.length > 0) this.unread = [];
    this.step = undefined;
    this.recordStep = undefined;
    this.timestamp = undefined;
    this.runtime = undefined;
  }

  /**
   * Takes in the value of a reserved name. False when it is none that the client itself writes, such
   * as a `_step` with a fraction; it then is a value like any other.
   */
  reserve(role: Role, value: Json): boolean {
    switch (role) {
      case "step":
        if (typeof value !== "bigint" && !Number.isSafeInteger(value)) return false;
        this.step = value as Integer;
        return true;
      case "timestamp":
        if (!isFinite(value)) return false;
        this.timestamp = value;
        return true;
      case "runtime":
        if (!isFinite(value)) return false;
        this.runtime = value;
        return true;
      case "client":
        return typeof value === "string";
      default:
        return false;
    }
  }
}

function isFinite(value: Json): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
