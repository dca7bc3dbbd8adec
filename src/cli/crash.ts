import process from "node:process";
import { exitCodes } from "./exit.ts";
import { failureText } from "./failure_text.ts";
import { painter } from "./style.ts";

/** Ends the program with exit code 1 and a short message when an error escapes everything else. */
export function watchCrashes(verbose: boolean): void {
  const crash = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    const hint = "This is a bug in runferry; run again with -vv and report what it prints.";
    process.stderr.write(
      failureText({ code: "internal", message, hint }, painter(false), Infinity),
    );
    if (verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exit(exitCodes.internal);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}
