import type { Context } from "../../src/adapter.ts";

/** What a test gives to adapters: nothing from outside, and no way out of the run directory. */
export function testContext(parts: Partial<Context> = {}): Context {
  return {
    signal: new AbortController().signal,
    now: (): number => 1_700_000_000_000,
    environment: {},
    home: "/nonexistent",
    followOutside: false,
    notice: (): void => undefined,
    ...parts,
  };
}
