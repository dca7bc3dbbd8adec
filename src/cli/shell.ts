import type { Input } from "./input.ts";
import type { Output } from "./output.ts";

/** Everything that a command gets from outside: where to write, where it runs, when to stop. */
export interface Shell {
  readonly stdin: Input;
  /** Results. */
  readonly stdout: Output;
  /** Everything else. */
  readonly stderr: Output;
  readonly environment: { readonly [name: string]: string | undefined };
  /** Current directory, absolute. */
  readonly cwd: string;
  /** The user's home directory, absolute. */
  readonly home: string;
  /** Aborted by the first signal that asks the program to end. */
  readonly signal: AbortSignal;
  /** ms since epoch. */
  now(): number;
  /** Resolves after so many ms, or at once when `signal` is aborted. */
  sleep(ms: number): Promise<void>;
  /** Calls `callback` every `interval` ms until the returned function is called. */
  every(interval: number, callback: () => void): () => void;
}
