import { writeLosslessJson } from "../codec/lossless_json.ts";
import { escapeText } from "./escape.ts";
import type { Shell } from "./shell.ts";

/** Prints the one result of a command: a sentence for people, or with `--json` a line. */
export async function tell(
  { stdout }: Shell,
  { json, quiet }: { readonly json?: true | undefined; readonly quiet?: true | undefined },
  text: string,
  line: { readonly [field: string]: unknown },
): Promise<void> {
  if (json) await stdout.write(`${writeLosslessJson(line)}\n`);
  else if (!quiet) await stdout.write(`${escapeText(text)}\n`);
}
