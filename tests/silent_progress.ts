import type { Progress } from "../src/sync/progress.ts";

/** Hears nothing. */
export const silentProgress: Progress = {
  total(): void {},
  runStarted(): void {},
  points(): void {},
  bytes(): void {},
  file(): void {},
  runEnded(): void {},
};
