import { homedir } from "node:os";
import process from "node:process";
import { isatty } from "node:tty";
import { DescriptorOutput, type Output } from "./output.ts";
import type { Shell } from "./shell.ts";
import { watchSignals } from "./signals.ts";
import { StandardInput } from "./standard_input.ts";
import { describeTerminal } from "./terminal.ts";

/** The shell that the program was really started from. */
export function systemShell(): Shell {
  const environment = process.env;
  const signal = watchSignals();
  return {
    stdin: new StandardInput(isatty(0) && isatty(2), signal),
    stdout: openOutput(1, "standard output"),
    stderr: openOutput(2, undefined),
    environment,
    cwd: process.cwd(),
    home: environment["HOME"] || homedir(),
    signal,
    now: () => Date.now(),
    sleep: (ms) => sleepUntil(ms, signal),
    every(interval, callback): () => void {
      const timer = setInterval(callback, interval);
      return () => clearInterval(timer);
    },
  };
}

function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

function openOutput(descriptor: 1 | 2, name: string | undefined): Output {
  const isTTY = isatty(descriptor);
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  // The streams are only looked at for the size of a terminal: opening them costs time.
  const columns = isTTY ? stream.columns : undefined;
  return new DescriptorOutput(
    descriptor,
    name,
    describeTerminal({ isTTY, columns }, process.env),
  );
}
