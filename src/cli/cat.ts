import { sources } from "../../adapters/mod.ts";
import { writeLosslessJson } from "../codec/lossless_json.ts";
import type { RunEvent } from "../model/event.ts";
import { openRun } from "../sync/sync.ts";
import { findRun } from "./find.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { tailText } from "./text_outcome.ts";
import { writeLines } from "./write_lines.ts";

/** Prints the events of one run, a JSON object a line, and resolves to the exit code. */
export async function catCommand(
  shell: Shell,
  path: string,
  options: CommonOptions,
): Promise<number> {
  const { stdout, stderr, signal } = shell;
  await using session = openSession(shell, { ...options, quiet: true });
  const ref = await findRun(path, session.context, shell);
  await using reader = await openRun(ref, sources, session.context);
  for await (const events of reader.events()) {
    signal.throwIfAborted();
    await writeLines(stdout, eventLines(events));
    if (stdout.closed) return 0;
  }
  if (reader.tail !== undefined && !options.quiet) {
    await stderr.write(`${tailText(reader.tail)}\n`);
  }
  return 0;
}

function* eventLines(events: readonly RunEvent[]): Generator<string> {
  for (const event of events) yield `${writeLosslessJson(event)}\n`;
}
