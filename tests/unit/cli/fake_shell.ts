import type { Shell } from "../../../src/cli/shell.ts";
import { KeptOutput } from "./outcomes.ts";

/** A shell whose outputs are kept and whose clock stands still. */
export function fakeShell(
  given: Partial<Shell> = {},
): Shell & { readonly stdout: KeptOutput; readonly stderr: KeptOutput } {
  return {
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
