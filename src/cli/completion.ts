import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { bashCompletion } from "./completion_bash.ts";
import { fishCompletion } from "./completion_fish.ts";
import { describeCommands, type ProgramFacts } from "./completion_tree.ts";
import { zshCompletion } from "./completion_zsh.ts";
import type { Shell } from "./shell.ts";

type Kind = "bash" | "zsh" | "fish";

const writers: { readonly [kind in Kind]: (facts: ProgramFacts) => string } = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints a script that completes the command line and resolves to the exit code. */
export async function completionCommand(
  { stdout }: Shell,
  tree: CommandUnknownOpts,
  kind: Kind,
): Promise<number> {
  await stdout.write(writers[kind](describeCommands(tree)));
  return 0;
}
