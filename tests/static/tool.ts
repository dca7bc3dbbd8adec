/** Whether programs that a test needs are on this machine. */
import { spawnSync } from "node:child_process";

/** Options of a test: skipped, saying which tool is missing, where one is. */
export function needs(
  ...tools: readonly (readonly string[])[]
): { readonly skip: string | false } {
  const missing = tools.filter(([program = "", ...words]) =>
    spawnSync(program, words, { stdio: "ignore" }).status !== 0
  );
  const names = missing.map((words) => words.join(" "));
  return { skip: names.length > 0 && `this machine cannot run ${names.join(", ")}` };
}
