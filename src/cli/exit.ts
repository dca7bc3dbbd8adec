import type { ErrorCode } from "../errors.ts";

/** The exit code of each kind of failure. */
export const exitCodes: { readonly [code in ErrorCode]: number } = {
  internal: 1,
  usage: 2,
  source: 10,
  locked: 11,
  auth: 12,
  transient: 13,
  destination: 14,
  verify: 15,
  config: 16,
  cancelled: 130,
};

/** Some runs or records failed, others arrived. */
export const partialExit = 3;

/** By name, the signals that end the program, with the exit codes that shells give them. */
export const signalExits = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The name of a signal that ends the program. */
export type EndSignal = keyof typeof signalExits;
