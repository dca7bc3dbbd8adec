import type { Context } from "../adapter.ts";
import { CancelledError } from "../errors.ts";

/** Waits so many ms, or until `stop` is aborted. */
export async function pause({ wait }: Context, ms: number, stop: AbortSignal): Promise<void> {
  try {
    await wait(ms);
  } catch (error) {
    if (error instanceof CancelledError && stop.aborted) return;
    throw error;
  }
}
