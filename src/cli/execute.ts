import { CommanderError } from "@commander-js/extra-typings";
import { UsageError } from "../errors.ts";
import { errorReport } from "../sync/error_report.ts";
import type { ErrorReport } from "../sync/outcome.ts";
import { writeLosslessJson } from "../codec/lossless_json.ts";
import { escapeText } from "./escape.ts";
import { exitCodes } from "./exit.ts";
import { failureText } from "./failure_text.ts";
import { buildProgram } from "./program.ts";
import type { Shell } from "./shell.ts";
import { signalExit } from "./signals.ts";
import { painter } from "./style.ts";

/** Runs the command that the arguments name and resolves to the exit code; never throws. */
export async function execute(
  argv: readonly string[],
  shell: Shell,
): Promise<number> {
  try {
    return await buildProgram(shell).run(argv);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return await fail(asUsage(error), argv, shell);
  }
}

async function fail(
  error: unknown,
  argv: readonly string[],
  { stdout, stderr, signal }: Shell,
): Promise<number> {
  const report: ErrorReport = errorReport(error);
  if (argv.includes("--json") && !stdout.closed) {
    await stdout.write(`${writeLosslessJson({ type: "error", ...report })}\n`);
  }
  await stderr.write(failureText(report, painter(stderr.terminal.colour), stderr.terminal.columns));
  if (argv.some((word) => /^-\w*v\w*v/.test(word))) {
    await stderr.write(`${stackText(error)}\n`);
  }
  const cancelled = report.code === "cancelled" && signal.aborted;
  return cancelled ? signalExit(signal) : exitCodes[report.code];
}

/** Turns what the parser of the command line refuses into an error of ours. */
function asUsage(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.code === "commander.help") {
    return new UsageError("There is no command", {
      hint: "runferry --help lists the commands.",
    });
  }
  const [message = "", suggestion] = error.message.split("\n");
  const hint = /'-h[',]/.test(message)
    ? "Help is --help; -h is kept for host names."
    : suggestion?.replace(/^\((.*)\)$/, "$1") ??
      "Add --help to the command to see what it takes.";
  return new UsageError(message.replace(/^error: /, ""), { hint });
}

/** The stacks of an error and of what caused it, one safe line each. */
function stackText(error: unknown): string {
  if (!(error instanceof Error)) return escapeText(String(error));
  const lines = (error.stack ?? error.message).split("\n").map(escapeText);
  const own = lines.join("\n");
  return error.cause === undefined ? own : `${own}\ncaused by ${stackText(error.cause)}`;
}
