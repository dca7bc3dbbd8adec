import type { Step } from "./model_process.ts";

/** Something that befalls a process. */
export interface Trouble {
  /** The first of its steps that may be concerned, from 1. */
  readonly at: number;
  /** Steps of which name may be concerned, or "any". */
  readonly on: string;
  /** Whether all later steps are concerned too. */
  readonly lasts: boolean;
  readonly kind: TroubleKind;
}

export type TroubleKind =
  /** It dies before, in the middle of, or after a step, or after one before which runs grew. */
  | { readonly type: "kill"; readonly when: "before" | "meanwhile" | "after" | "after growth" }
  /** The whole machine goes down before it, and a share of what nobody synced stays. */
  | { readonly type: "power cut"; readonly share: number }
  /** It stops before a step, and may go on later. */
  | { readonly type: "stop" }
  /** The user wants it to end. */
  | { readonly type: "cancel" }
  /** A system call fails, having done nothing. */
  | { readonly type: "fail"; readonly code: string }
  /** A request is heeded and not answered, or not heeded, or not heeded and answered all the same. */
  | { readonly type: "request"; readonly fate: "lost answer" | "lost" | "lie" }
  /** A row is added to every run, or an empty folder takes the place of each. */
  | { readonly type: "meanwhile"; readonly happens: "row" | "replaced" };

const writes: ReadonlySet<string> = new Set(["create", "write", "mkdir", "link", "rename"]);
const fullDisk: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/** Whether a trouble befalls a step, which is so many steps from the beginning. */
export function concerns(
  { at, on, kind }: Trouble,
  steps: number,
  { name }: Step<unknown>,
): boolean {
  if (steps < at || on !== "any" && on !== name) return false;
  const isCall = name !== "request" && name !== "wait";
  switch (kind.type) {
    case "request":
      return name === "request" || kind.fate !== "lie" && name === "question";
    case "fail":
      return isCall && (!fullDisk.has(kind.code) || writes.has(name));
    default:
      return true;
  }
}
