import type { Leaving } from "./power_cut.ts";

/** When a process dies, and of what. */
export interface CrashPlan {
  /** Before which change of the file system, from 1; undefined for never. */
  readonly at?: number;
  /** What the power cut leaves; undefined when only the process is killed. */
  readonly leaving?: Leaving;
  /** An empty folder beside everything that is written. */
  readonly limbo: string;
  /** A file that tells every change, one a line. */
  readonly log: string;
}

/** Name of the environment variable that holds it, as JSON. */
export const planVariable = "CRASH_PLAN";
