import { Argument, Command, Option } from "@commander-js/extra-typings";
import manifest from "../../package.json" with { type: "json" };
import { addAccountCommands } from "./account_commands.ts";
import { addServe } from "./add_serve.ts";
import { addWatch } from "./add_watch.ts";
import { commandHelp, programHelp } from "./help.ts";
import type { Shell } from "./shell.ts";
import { painter } from "./style.ts";
import { parseStep, parseTime } from "./range_text.ts";
import { parseBytes, parseCount } from "./units.ts";
import { parseDuration } from "./duration_text.ts";

/** Columns that help uses at most, for lines that are still easy to read. */
const helpWidth = 90;
/** Runs worked on side by side, unless the user says otherwise. */
const defaultJobs = 2;

const json = new Option("--json", "print JSON Lines (see docs/json.md)");
const quiet = new Option("-q, --quiet", "print only what went wrong");
const verbose = new Option("-v, --verbose", "print more; -vv also the stacks of errors")
  .argParser((_text: string, level: number) => level + 1).default(0 as number, "0");
const to = new Option(
  "--to <destination>",
  "swanlab, https://host, each with /@WORKSPACE/PROJECT, or an archive folder (repeatable)",
).argParser(collect).default([] as readonly string[], "where you are logged in");
const host = new Option(
  "-h, --host <host>",
  "a private SwanLab host, as --to takes it",
);
const hostAlias = new Option("--h <host>", "the same").hideHelp();
const key = new Option("-k, --api-key <key>", "the key for the host");
const workspace = new Option(
  "-w, --workspace <name>",
  "the SwanLab workspace; else the account's own, or the one recorded in a SwanLab run",
);
const project = new Option(
  "-p, --project <name>",
  "the SwanLab project; else the one recorded in the run",
);
const id = new Option(
  "-i, --id <id>",
  "auto: the run's own id (the default), new: a fresh one, or an id for a single run",
);
const exact = new Option("--exact", "read back the content of every file too");
const xAxis = new Option("--x-axis <axis>", "which x axes SwanLab draws")
  .choices(["defined", "step"] as const).default("defined" as const);
const overlap = new Option(
  "--overlap <rule>",
  "whose value counts where parts of a SwanLab run share a step; error: send none of them",
).choices(["last", "first", "error"] as const).default("last" as const);
const startStep = new Option("--start-step <n>", "only points from this step on")
  .argParser(parseStep);
const endStep = new Option("--end-step <n>", "only points up to this step")
  .argParser(parseStep);
const startTime = new Option("--start-time <time>", "only points and lines from this time on")
  .argParser(parseTime);
const endTime = new Option("--end-time <time>", "only points and lines up to this time")
  .argParser(parseTime);
const maxFileSize = new Option("--max-file-size <size>", "leave out larger files, such as 10MB")
  .argParser(parseBytes);
const include = new Option("--include <filter>", "take only these runs (repeatable)")
  .argParser(collect).default([] as readonly string[], "all");
const exclude = new Option("--exclude <filter>", "leave these runs out (repeatable)")
  .argParser(collect).default([] as readonly string[], "none");
const jobs = new Option("-j, --jobs <n>", "runs worked on side by side")
  .argParser(parseCount).default(defaultJobs);
const followOutside = new Option(
  "--follow-outside",
  "also read files outside the run directory that its records name",
);
const state = new Option(
  "--state <dir>",
  "where journals are kept (else $XDG_STATE_HOME/runferry or ~/.local/state/runferry)",
);
const idle = new Option(
  "--idle <time>",
  "with --follow: a run that has not grown for so long is stale (30m)",
).argParser(parseDuration);
const minAge = new Option("--min-age <age>", "keep what was changed later, such as 24h or 7d")
  .argParser(parseDuration);
const keep = new Option("--keep <n>", "keep the n newest runs").argParser(parseCount);
const trash = new Option("--trash <dir>", "move run directories there instead of deleting them");
const paths = new Argument("[paths...]", "run directories, logs, archives, folders above them");
const run = new Argument("<run>", "a run directory, its log, or anything inside it");

/** The command line: what there is to type, and what is started by it. */
export interface Program {
  /** The tree of commands. */
  readonly tree: Command;
  /**
   * Parses the arguments, runs the command and resolves to the exit code.
   * @throws {CommanderError} for bad usage, and after printing help or the version.
   */
  run(argv: readonly string[]): Promise<number>;
}

/** Takes the promise of a command's exit code. */
export type Finish = (code: Promise<number>) => Promise<void>;

/**
 * Builds the tree. What a command needs is loaded only when it runs, so that help and version are
 * quick.
 */
export function buildProgram(shell: Shell): Program {
  let exit = 0;
  const finish: Finish = async (code) => {
    exit = await code;
  };
  const said = { out: "", error: "" };
  const tree = makeRoot(shell, said);
  addSync(tree, shell, finish);
  addLs(tree, shell, finish);
  addShow(tree, shell, finish);
  addCat(tree, shell, finish);
  addVerify(tree, shell, finish);
  addClean(tree, shell, finish);
  addExport(tree, shell, finish);
  addAccountCommands(tree, shell, finish);
  addServe(tree, shell, finish);
  addWatch(tree, shell, finish);
  addCompletion(tree, shell, finish);
  return {
    tree,
    async run(argv): Promise<number> {
      try {
        await tree.parseAsync(argv, { from: "user" });
      } finally {
        await shell.stdout.write(said.out);
        await shell.stderr.write(said.error);
      }
      return exit;
    },
  };
}

/** The program without its commands; what it says about itself is added to `said`. */
function makeRoot(
  { stdout, stderr }: Shell,
  said: { out: string; error: string },
): Command {
  const titles = painter(true);
  return new Command("runferry")
    .description(manifest.description + ".")
    .version(manifest.version, "-V, --version", "print the version")
    .helpOption("--help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", programHelp)
    .exitOverride()
    .configureHelp({ styleTitle: (text) => titles("bold", text) })
    .configureOutput({
      writeOut: (text) => {
        said.out += text;
      },
      writeErr: (text) => {
        said.error += text;
      },
      // Errors are reported by the caller, who also knows whether they should be JSON.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(stdout.terminal.columns, helpWidth),
      getErrHelpWidth: () => Math.min(stderr.terminal.columns, helpWidth),
      getOutHasColors: () => stdout.terminal.colour,
      getErrHasColors: () => stderr.terminal.colour,
    });
}

function addSync(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("sync")
    .description("ferry runs to destinations and verify that they arrived")
    .addArgument(paths)
    .addOption(to)
    .addOption(key)
    .addOption(host)
    .addOption(hostAlias)
    .addOption(workspace)
    .addOption(project)
    .addOption(id)
    .addOption(include)
    .addOption(exclude)
    .addOption(jobs)
    .addOption(maxFileSize)
    .option("--no-console", "leave out terminal output")
    .option("--no-media", "leave out images, audio, tables and the like")
    .option("--no-source", "do not keep the run directory byte for byte in an archive")
    .addOption(startStep)
    .addOption(endStep)
    .addOption(startTime)
    .addOption(endTime)
    .addOption(xAxis)
    .addOption(overlap)
    .option("--original-times", "give SwanLab the run's own start and end, not the time of sync")
    .addOption(followOutside)
    .option("--follow", "follow runs that are still written until they have ended")
    .addOption(idle)
    .option("--finish-stale", "with --follow: complete stale runs, marked as broken off")
    .option("--dry-run", "tell what would be done, write nothing")
    .option("--recheck", "read back also what is known to be there")
    .option("--clean", "delete run directories that every destination proves to hold")
    .addOption(minAge)
    .addOption(keep)
    .addOption(trash)
    .option("--mark-synced", "mark W&B runs that every destination holds as wandb sync does")
    .addOption(exact)
    .addOption(state)
    .option("--break-lock", "take runs from a process that is surely gone")
    .addOption(json)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.sync)
    .action(async (paths, options) => {
      const { syncCommand } = await import("./sync.ts");
      await finish(syncCommand(shell, paths, options));
    });
}

function addLs(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("ls")
    .description("list runs: tracker, id, name, state, steps, size")
    .addArgument(paths)
    .addOption(to)
    .addOption(state)
    .addOption(include)
    .addOption(exclude)
    .addOption(json)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.ls)
    .action(async (paths, options) => {
      const { lsCommand } = await import("./ls.ts");
      await finish(lsCommand(shell, paths, options));
    });
}

function addShow(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("show")
    .description("show one run: config, last values, sparklines, media, damage")
    .addArgument(run)
    .addOption(json)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.show)
    .action(async (path, options) => {
      const { showCommand } = await import("./show.ts");
      await finish(showCommand(shell, path, options));
    });
}

function addCat(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("cat")
    .description("print the events of one run, a JSON object a line")
    .addArgument(run)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.cat)
    .action(async (path, options) => {
      const { catCommand } = await import("./cat.ts");
      await finish(catCommand(shell, path, options));
    });
}

function addVerify(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("verify")
    .description("compare runs with what destinations hold, or re-read an archive")
    .addArgument(paths)
    .addOption(to)
    .addOption(key)
    .addOption(host)
    .addOption(hostAlias)
    .addOption(workspace)
    .addOption(project)
    .addOption(id)
    .addOption(xAxis)
    .addOption(overlap)
    .addOption(exact)
    .addOption(include)
    .addOption(exclude)
    .addOption(jobs)
    .addOption(state)
    .addOption(followOutside)
    .addOption(json)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.verify)
    .action(async (paths, options) => {
      const { verifyCommand } = await import("./verify.ts");
      await finish(verifyCommand(shell, paths, options));
    });
}

function addClean(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("clean")
    .description("delete run directories that every destination proves to hold")
    .addArgument(paths)
    .addOption(to)
    .addOption(key)
    .addOption(host)
    .addOption(hostAlias)
    .addOption(workspace)
    .addOption(project)
    .addOption(id)
    .addOption(xAxis)
    .addOption(overlap)
    .addOption(exact)
    .addOption(include)
    .addOption(exclude)
    .addOption(jobs)
    .addOption(minAge)
    .addOption(keep)
    .addOption(trash)
    .option("--dry-run", "tell what would be deleted and why the rest is kept, change nothing")
    .option("-y, --yes", "do not ask")
    .addOption(state)
    .option("--break-lock", "take runs from a process that is surely gone")
    .addOption(json)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.clean)
    .action(async (paths, options) => {
      const { cleanCommand } = await import("./clean.ts");
      await finish(cleanCommand(shell, paths, options));
    });
}

function addExport(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("export")
    .description("write the history of one run as a table")
    .addArgument(run)
    .addOption(
      new Option("-f, --format <format>", "how to write it").choices(["csv", "jsonl"] as const)
        .makeOptionMandatory(),
    )
    .option("-o, --output <file>", "write to this file instead of stdout")
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.export)
    .action(async (path, options) => {
      const { exportCommand } = await import("./export.ts");
      await finish(exportCommand(shell, path, options));
    });
}

function addCompletion(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("completion")
    .description("print a script that completes the command line")
    .addArgument(
      new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"] as const),
    )
    .addHelpText("after", commandHelp.completion)
    .action(async (kind) => {
      const { completionCommand } = await import("./completion.ts");
      await finish(completionCommand(shell, tree, kind));
    });
}

function collect(text: string, previous: readonly string[]): readonly string[] {
  return [...previous, text];
}
