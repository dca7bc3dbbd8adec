import { type Command, Option } from "@commander-js/extra-typings";
import { commandHelp } from "./help.ts";
import type { Finish } from "./program.ts";
import type { Shell } from "./shell.ts";

const host = new Option(
  "-h, --host <host>",
  "a private host; without it the one in use, or the cloud",
);
const hostAlias = new Option("--h <host>", "the same").hideHelp();
const key = new Option("-k, --api-key <key>", "the key; - reads it from standard input");
const json = new Option("--json", "print JSON Lines (see docs/json.md)");
const quiet = new Option("-q, --quiet", "print only what went wrong");
const verbose = new Option("-v, --verbose", "print more; -vv also the stacks of errors")
  .argParser((_text: string, level: number) => level + 1).default(0 as number, "0");

/** Adds the commands about accounts; each is loaded only when it runs. */
export function addAccountCommands(tree: Command, shell: Shell, finish: Finish): void {
  tree.command("login")
    .description("check a key at its host and store it, as swanlab login does")
    .addOption(key)
    .addOption(host)
    .addOption(hostAlias)
    .option("-r, --relogin", "store another key although there is one")
    .addOption(json)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.login)
    .action(async (options) => {
      const { loginCommand } = await import("./login.ts");
      await finish(loginCommand(shell, options));
    });
  tree.command("logout")
    .description("forget the stored key of a host")
    .addOption(host)
    .addOption(hostAlias)
    .addOption(json)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.logout)
    .action(async (options) => {
      const { logoutCommand } = await import("./logout.ts");
      await finish(logoutCommand(shell, options));
    });
  tree.command("whoami")
    .description("print who you are at a host, and whose key that is")
    .addOption(host)
    .addOption(hostAlias)
    .addOption(json)
    .addOption(quiet)
    .addOption(verbose)
    .addHelpText("after", commandHelp.whoami)
    .action(async (options) => {
      const { whoamiCommand } = await import("./whoami.ts");
      await finish(whoamiCommand(shell, options));
    });
}
