import { homedir } from "node:os";
import process from "node:process";
import { isatty } from "node:tty";
import { proxyVariables } from "../net/proxy_choice.ts";
import { DescriptorOutput, type Output } from "./output.ts";
import type { Shell } from "./shell.ts";
import { watchSignals } from "./signals.ts";
import { StandardInput } from "./standard_input.ts";
import { describeTerminal } from "./terminal.ts";

/** The shell that the program was really started from. */
export function systemShell(): Shell {
  const environment = takeEnvironment();
  const signal = watchSignals();
  return {
    stdin: new StandardInput(isatty(0) && isatty(2), signal),
    stdout: openOutput(1, "standard output"),
    stderr: openOutput(2, undefined),
    environment,
    cwd: process.cwd(),
    home: environment["HOME"] || accountHome(),
    signal,
    now: () => Date.now(),
    sleep: (ms) => sleepUntil(ms, signal),
    every(interval, callback): () => void {
      const timer = setInterval(callback, interval);
      return () => clearInterval(timer);
    },
  };
}

/** The environment. Which proxy a request takes is for `src/net` to decide, not for the runtime. */
function takeEnvironment(): { readonly [name: string]: string | undefined } {
  const environment = { ...process.env };
  for (const name of proxyVariables) delete process.env[name];
  return environment;
}

/** The home directory by the account; the root where the system has no list of accounts. */
function accountHome(): string {
  try {
    return homedir();
  } catch {
    return "/";
  }
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
