import process from "node:process";
import { CancelledError } from "../errors.ts";
import { type EndSignal, signalExits } from "./exit.ts";

/**
 * Turns the first signal that asks the program to end into an abort, so that it finishes cleanly;
 * a second one ends it at once. `signal.reason` is then a CancelledError whose cause is the name
 * of the signal.
 */
export function watchSignals(): AbortSignal {
  const controller = new AbortController();
  const names = Object.keys(signalExits) as EndSignal[];
  for (const name of names) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(signalExits[name]);
      process.stderr.write(
        `\n${name}: stopping cleanly; once more stops at once.\n`,
      );
      controller.abort(
        new CancelledError(`Cancelled by ${name}`, {
          hint: "Run the same command again to go on from here.",
          cause: name,
        }),
      );
    });
  }
  return controller.signal;
}

/** The exit code after {@link watchSignals} aborted. */
export function signalExit(signal: AbortSignal): number {
  const name = signal.reason instanceof CancelledError ? signal.reason.cause : undefined;
  return name === "SIGHUP" || name === "SIGTERM" ? signalExits[name] : signalExits.SIGINT;
}
