import type { Input } from "../../../src/cli/input.ts";
import type { Shell } from "../../../src/cli/shell.ts";
import { KeptOutput } from "./outcomes.ts";

/** An input with nobody at it, and nothing in it but this line. */
export function pipedInput(line = ""): Input {
  return {
    interactive: false,
    line: () => Promise.resolve(line),
    secret: () => Promise.reject(new Error("there is nobody to ask")),
    confirm: () => Promise.reject(new Error("there is nobody to ask")),
  };
}

/** A shell whose outputs are kept and whose clock stands still. */
export function fakeShell(
  given: Partial<Shell> = {},
): Shell & { readonly stdout: KeptOutput; readonly stderr: KeptOutput } {
  return {
    stdin: pipedInput(),
    environment: {},
    cwd: "/work",
    home: "/home/user",
    signal: new AbortController().signal,
    now: () => 1_795_421_495_000,
    sleep: () => Promise.resolve(),
    every: () => () => {},
    ...given,
    stdout: new KeptOutput(),
    stderr: new KeptOutput(),
  };
}
