import { readFile } from "node:fs/promises";
import { systemCode } from "../errors.ts";

/** Where Linux tells each process what is mounted; the fifth field of a line is the place. */
const table = "/proc/self/mountinfo";

/** Absolute paths of everything that is mounted; none where the system does not tell. */
export async function mountPoints(): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(table, "utf8");
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
  return text.split("\n").map((line) => line.split(" ")[4] ?? "").filter((path) => path !== "")
    .map(unescapePath);
}

/** Blanks and the like are written as three octal digits. */
function unescapePath(path: string): string {
  return path.replace(
    /\\([0-7]{3})/g,
    (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
