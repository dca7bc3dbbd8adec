import { type Stats, statSync } from "node:fs";
import { systemCode } from "../../../src/errors.ts";

/** What is at a path, links followed; undefined when nothing that can be reached is. */
export function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
