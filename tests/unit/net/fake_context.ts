import { CancelledError } from "../../../src/errors.ts";
import type { NetContext } from "../../../src/net/client.ts";

/** A context whose clock jumps instead of waiting, and that remembers for how long. */
export interface FakeContext extends NetContext {
  readonly waits: readonly number[];
  cancel(): void;
}

/** The time at which the clock of a fake context stands in the beginning. */
export const fakeStart: number = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Makes a fake context; a wait fails when the context was cancelled before. */
export function fakeContext(): FakeContext {
  const controller = new AbortController();
  const waits: number[] = [];
  let now = fakeStart;
  return {
    signal: controller.signal,
    waits,
    now: () => now,
    wait(ms): Promise<void> {
      if (controller.signal.aborted) return Promise.reject(new CancelledError());
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
    cancel: () => controller.abort(),
  };
}
