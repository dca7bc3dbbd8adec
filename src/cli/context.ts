import type { Context } from "../adapter.ts";
import { escapeText } from "./escape.ts";
import type { Shell } from "./shell.ts";

/** What adapters get from the shell. Notices go to `notice` as one safe line each. */
export function makeContext(
  shell: Shell,
  followOutside: boolean,
  notice: (line: string) => void,
): Context {
  return {
    signal: shell.signal,
    now: () => shell.now(),
    environment: shell.environment,
    home: shell.home,
    followOutside,
    notice: (message) => notice(escapeText(message)),
  };
}
