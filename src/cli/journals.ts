import { isAbsolute, join, resolve } from "node:path";
import process from "node:process";
import manifest from "../../package.json" with { type: "json" };
import type { Context } from "../adapter.ts";
import { Journals } from "../sync/journals.ts";
import type { Shell } from "./shell.ts";

/** Options about what is remembered between commands. */
export interface StateOptions {
  readonly state?: string | undefined;
  readonly breakLock?: true | undefined;
}

/** The journals of `--state`, else those of the user; nothing is made before it is needed. */
export function openJournals(
  shell: Shell,
  { state, breakLock }: StateOptions,
  context: Context,
): Journals {
  return new Journals({
    directory: state === undefined ? ownDirectory(shell) : resolve(shell.cwd, state),
    pid: process.pid,
    tool: `runferry ${manifest.version}`,
    breakLock: breakLock ?? false,
    now: () => context.now(),
    notice: (message) => context.notice(message),
  });
}

/** As the XDG base directory specification has it; relative paths do not count there. */
function ownDirectory({ environment, home }: Shell): string {
  const given = environment["XDG_STATE_HOME"] ?? "";
  return join(isAbsolute(given) ? given : join(home, ".local", "state"), "runferry");
}
