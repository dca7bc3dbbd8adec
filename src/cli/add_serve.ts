import { Argument, type Command, Option } from "@commander-js/extra-typings";
import { UsageError } from "../errors.ts";
import { commandHelp } from "./help.ts";
import type { Finish } from "./program.ts";
import type { Shell } from "./shell.ts";

/** Where official private hosts would be asked for, plus one that is seldom taken. */
const defaultPort = 8092;

/** Adds `runferry serve`. */
export function addServe(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("serve")
    .description("be a SwanLab-compatible host that keeps its runs in an archive")
    .addArgument(new Argument("<dir>", "the archive; made when it is missing"))
    .addOption(
      new Option("--port <n>", "port to listen at; 0 for any").argParser(parsePort)
        .default(defaultPort),
    )
    .option(
      "--listen <address>",
      "address to listen at; others than this machine's need an account",
      "127.0.0.1",
    )
    .addOption(
      new Option("--user <name>", "an account that there should be (repeatable)")
        .argParser(collect).default([] as readonly string[], "local"),
    )
    .addOption(
      new Option("--key <key>", "the key of the --user at the same place (repeatable)")
        .argParser(collect).default([] as readonly string[], "made up"),
    )
    .addOption(
      new Option("--project-version <n>", "1 for a new host, 0 for an old private one")
        .choices(["0", "1"] as const).default("1" as const),
    )
    .option("--tls-cert <file>", "certificate chain in PEM, for https")
    .option("--tls-key <file>", "its private key in PEM")
    .option("--base-url <url>", "where clients reach this host behind a proxy, without /api")
    .option("--no-seal", "leave runs that have ended out of the archive")
    .option("--json", "print JSON Lines (see docs/json.md)")
    .addHelpText("after", commandHelp.serve)
    .action(async (folder, options) => {
      const { serveCommand } = await import("./serve.ts");
      await finish(serveCommand(shell, folder, options));
    });
}

function collect(text: string, previous: readonly string[]): readonly string[] {
  return [...previous, text];
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new UsageError(`Not a port: ${JSON.stringify(text)}`, {
    hint: "Give a number from 0 to 65535; 0 takes any port that is free.",
  });
}
