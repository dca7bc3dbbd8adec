import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** Makes new directories, all gone when the file's tests are over. */
export function scratchDirectories(): () => string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "swanlab-")));
  after(() => rmSync(root, { recursive: true, force: true }));
  return () => mkdtempSync(join(root, "case-"));
}
