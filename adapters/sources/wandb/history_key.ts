import type { HistoryValue } from "../../../src/model/event.ts";

/** What an item of a history row is for. */
export type Role =
  | "value"
  /** Marks the object around it as a media value. */
  | "type"
  | "step"
  | "timestamp"
  | "runtime"
  | "client";

/** Top-level names that the client reserves; other names with an underscore are the user's. */
const reserved: { readonly [name: string]: Role } = {
  _step: "step",
  _timestamp: "timestamp",
  _runtime: "runtime",
  _client_id: "client",
};

/** A key of history rows, and its value in the newest row that has it. */
export class HistoryKey {
  /** Names from the outermost object inwards. */
  readonly path: readonly string[];
  /** The name that W&B's own page shows: the parts joined by dots. */
  readonly name: string;
  readonly role: Role;
  /** A number of its own; sums of these tell sets of keys apart. */
  readonly id: number;
  /** Number of the newest row with this key. */
  row = 0;
  value: HistoryValue = null;

  constructor(path: readonly string[], id: number) {
    this.path = path;
    this.name = path.join(".");
    this.role = roleOf(path);
    this.id = id;
  }
}

/** What a value at this path is for. */
export function roleOf(path: readonly string[]): Role {
  const last = path.at(-1) ?? "";
  if (path.length > 1) return last === "_type" ? "type" : "value";
  return Object.hasOwn(reserved, last) ? reserved[last] as Role : "value";
}
