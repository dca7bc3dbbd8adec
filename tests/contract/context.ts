import type { Context } from "../../src/adapter.ts";

/**
 * What a test gives to adapters: nothing from outside, and no way out of the run directory. Its
 * clock stands still but for `wait`, which jumps instead of sleeping.
 */
export function testContext(parts: Partial<Context> = {}): Context {
  let now = 1_700_000_000_000;
  return {
    signal: new AbortController().signal,
    now: (): number => now,
    wait(ms): Promise<void> {
      now += ms;
      return new Promise((resolve) => setImmediate(resolve));
    },
    environment: {},
    home: "/nonexistent",
    followOutside: false,
    notice: (): void => undefined,
    ...parts,
  };
}
