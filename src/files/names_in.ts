import { readdir } from "node:fs/promises";
import { systemCode } from "../errors.ts";

/** The names in a folder, sorted; none where there is none, or none that we may list. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}
