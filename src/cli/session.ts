import type { Context } from "../adapter.ts";
import { makeContext } from "./context.ts";
import { ProgressDisplay, type ProgressMode, tickInterval } from "./progress.ts";
import type { Reporter } from "./report.ts";
import { JsonReporter } from "./report_json.ts";
import { TextReporter } from "./report_text.ts";
import type { Shell } from "./shell.ts";
import { painter } from "./style.ts";

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
  /** How often it was given; the parser's type allows a bare flag too. */
  readonly verbose: number | true;
  readonly followOutside?: true | undefined;
}

/** What a command works with: somebody to report to, progress, and the context of adapters. */
export interface Session extends AsyncDisposable {
  readonly reporter: Reporter;
  readonly progress: ProgressDisplay;
  readonly context: Context;
  /** Seconds since the command began. */
  seconds(): number;
}

/** Opens a session; disposing it takes the progress line away. */
export function openSession(
  shell: Shell,
  options: CommonOptions,
  destinations: readonly string[] = [],
  purpose: "sync" | "verify" | "watch" = "sync",
): Session {
  const { stdout, stderr, cwd } = shell;
  const started = shell.now();
  const progress = new ProgressDisplay(
    stderr,
    progressMode(shell, options, purpose),
    () => shell.now(),
  );
  const reporter = options.json ? new JsonReporter(stdout) : new TextReporter({
    stdout,
    stderr,
    cwd,
    purpose: purpose === "verify" ? "verify" : "sync",
    destinations,
    verbosity: options.quiet ? -1 : Number(options.verbose),
  });
  const paint = painter(stderr.terminal.colour);
  const context = makeContext(shell, options.followOutside ?? false, (line) => {
    if (options.quiet) return;
    // Writes to one output keep their order, so nobody has to wait for this one.
    void progress.aside(() => stderr.write(`${paint("yellow", "note:")} ${line}\n`));
  });
  const stop = shell.every(tickInterval, () => void progress.tick());
  return {
    reporter,
    progress,
    context,
    seconds: () => (shell.now() - started) / 1000,
    async [Symbol.asyncDispose](): Promise<void> {
      stop();
      await progress.hide();
    },
  };
}

/** Somebody who watches for days wants no line a minute. */
function progressMode(
  { stderr }: Shell,
  { quiet, json }: CommonOptions,
  purpose: "sync" | "verify" | "watch",
): ProgressMode {
  if (quiet) return "off";
  if (stderr.terminal.live && !json) return "live";
  return purpose === "watch" ? "off" : "plain";
}
