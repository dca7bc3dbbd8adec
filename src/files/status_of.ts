import { type Stats, statSync } from "node:fs";
import { systemCode } from "../errors.ts";

/** The status of what a path leads to, links followed; undefined when it leads nowhere. */
export function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
