import { closeSync, openSync } from "node:fs";
import { resolve, sep } from "node:path";
import { sources } from "../../adapters/mod.ts";
import type { RunReader } from "../adapter.ts";
import { UsageError } from "../errors.ts";
import type { RunRef } from "../model/run.ts";
import { openRun } from "../sync/sync.ts";
import { exportCsv, exportJsonl } from "./export_rows.ts";
import { findRun } from "./find.ts";
import { DescriptorOutput, type Output } from "./output.ts";
import { type CommonOptions, openSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { writeLines } from "./write_lines.ts";

/** Options of `runferry export`. */
export interface ExportCommandOptions extends CommonOptions {
  readonly format: "csv" | "jsonl";
  readonly output?: string | undefined;
}

/** Writes the history of one run as a table and resolves to the exit code. */
export async function exportCommand(
  shell: Shell,
  path: string,
  options: ExportCommandOptions,
): Promise<number> {
  await using session = openSession(shell, options);
  const ref = await findRun(path, session.context, shell);
  await using reader = await openRun(ref, sources, session.context);
  if (options.output === undefined) {
    await write(reader, options.format, shell.stdout, shell.signal);
    return 0;
  }
  const file = resolve(shell.cwd, options.output);
  refuseInside(ref, file);
  const descriptor = openSync(file, "w");
  try {
    const output = new DescriptorOutput(descriptor, file, {
      live: false,
      columns: Infinity,
      colour: false,
    });
    await write(reader, options.format, output, shell.signal);
  } finally {
    closeSync(descriptor);
  }
  return 0;
}

async function write(
  reader: RunReader,
  format: ExportCommandOptions["format"],
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const arrays = format === "csv" ? exportCsv(reader) : exportJsonl(reader);
  for await (const lines of arrays) {
    signal.throwIfAborted();
    await writeLines(output, lines);
    if (output.closed) return;
  }
}

/** Run directories are never written to. */
function refuseInside(ref: RunRef, file: string): void {
  if (file === ref.path || file === ref.log || file.startsWith(`${ref.path}${sep}`)) {
    throw new UsageError(`${file} lies inside the run itself`, {
      hint: "Run directories are only read: name a file elsewhere.",
    });
  }
}
