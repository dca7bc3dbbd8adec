import { Argument, type Command, Option } from "@commander-js/extra-typings";
import { parseDuration } from "./duration_text.ts";
import { defaultIdle } from "./following.ts";
import type { Finish } from "./program.ts";
import type { Shell } from "./shell.ts";
import { parseBytes, parseCount } from "./units.ts";

/** Runs worked on side by side. */
const defaultJobs = 4;

const help = `
Points arrive within seconds of reaching the disk. A run that says it has ended is
completed and verified as sync does it. One that only stops growing is told to be
stale and left as it is. SIGTERM ends the watch once what was read has arrived.
An archive gets a run only when it has ended.

Examples:
  runferry watch swanlog wandb
  runferry watch /scratch/runs -h swan.example.com --idle 2h
  runferry watch runs/ --to ./archive --once --json`;

const include = new Option("--include <filter>", "take only these runs, as for sync (repeatable)")
  .argParser(collect).default([] as readonly string[], "all");
const exclude = new Option("--exclude <filter>", "leave these runs out (repeatable)")
  .argParser(collect).default([] as readonly string[], "none");

/** Adds `runferry watch`. */
export function addWatch(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("watch")
    .description("follow runs while they are written, also those that come later")
    .addArgument(new Argument("[paths...]", "run directories, logs, folders above them"))
    .addOption(
      new Option("--to <destination>", "as for sync (repeatable)").argParser(collect)
        .default([] as readonly string[], "where you are logged in"),
    )
    .option("-k, --api-key <key>", "the key for the host")
    .option("-h, --host <host>", "a private SwanLab host, as --to takes it")
    .addOption(new Option("--h <host>", "the same").hideHelp())
    .option("-w, --workspace <name>", "the SwanLab workspace")
    .option("-p, --project <name>", "the SwanLab project; else the one recorded in the run")
    .addOption(
      new Option("--x-axis <axis>", "which x axes SwanLab draws")
        .choices(["defined", "step"] as const).default("defined" as const),
    )
    .addOption(
      new Option("--overlap <rule>", "whose value counts where parts of a run share a step")
        .choices(["last", "first"] as const).default("last" as const),
    )
    .addOption(
      new Option("--idle <time>", "a run that has not grown for so long is stale")
        .argParser(parseDuration).default(defaultIdle, "30m"),
    )
    .option("--finish-stale", "complete stale runs, marked as broken off")
    .option("--once", "deliver what is there and wait for nothing, as for cron")
    .addOption(include)
    .addOption(exclude)
    .addOption(
      new Option("-j, --jobs <n>", "runs worked on side by side").argParser(parseCount)
        .default(defaultJobs),
    )
    .addOption(
      new Option("--max-file-size <size>", "leave out larger files, such as 10MB")
        .argParser(parseBytes),
    )
    .option("--no-console", "leave out terminal output")
    .option("--no-media", "leave out images, audio, tables and the like")
    .option("--no-source", "do not keep the run directory byte for byte in an archive")
    .option("--exact", "read back the content of every file too")
    .option("--original-times", "give SwanLab the run's own start and end")
    .option("--follow-outside", "also read files outside the run directory that records name")
    .option("--state <dir>", "where journals are kept")
    .option("--json", "print JSON Lines (see docs/json.md)")
    .option("-q, --quiet", "print only what went wrong")
    .addOption(
      new Option("-v, --verbose", "print more; -vv also the stacks of errors")
        .argParser((_text: string, level: number) => level + 1).default(0 as number, "0"),
    )
    .addHelpText("after", help)
    .action(async (paths, options) => {
      const { watchCommand } = await import("./watch.ts");
      await finish(watchCommand(shell, paths, options));
    });
}

function collect(text: string, previous: readonly string[]): readonly string[] {
  return [...previous, text];
}
