import type { Context } from "../adapter.ts";
import { CancelledError } from "../errors.ts";
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
    async wait(ms): Promise<void> {
      await shell.sleep(ms);
      if (shell.signal.aborted) throw new CancelledError();
    },
    environment: shell.environment,
    home: shell.home,
    followOutside,
    notice: (message) => notice(escapeText(message)),
  };
}
