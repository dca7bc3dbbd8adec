import type { Output } from "./output.ts";

/** Characters that are collected before they are written. */
const enough = 1 << 17;

/** Writes many short texts in few large writes; stops when nobody reads on. */
export async function writeLines(output: Output, texts: Iterable<string>): Promise<void> {
  let collected = "";
  for (const text of texts) {
    collected += text;
    if (collected.length < enough) continue;
    await output.write(collected);
    if (output.closed) return;
    collected = "";
  }
  await output.write(collected);
}
