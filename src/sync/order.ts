import { basename } from "node:path";
import type { Found } from "./plan.ts";

/**
 * Puts runs in the order in which they began, by the time that trackers put into the names of their
 * directories; names without one stay in their order, behind the others. Parts of one run so come
 * in their order, wherever they lie.
 */
export function inOrderOfStart(found: readonly Found[]): readonly Found[] {
  const times = new Map(found.map((each) => [each, timeIn(each)] as const));
  return found.toSorted((left, right) => {
    const [a = last, b = last] = [times.get(left), times.get(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

/** Sorts behind every time. */
const last = "~";

function timeIn(each: Found): string | undefined {
  const path = each.type === "run" ? each.ref.path : each.path;
  return /^(?:offline-)?run-(\d{8}_\d{6})-/.exec(basename(path))?.[1];
}
