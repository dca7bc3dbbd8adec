import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** What can follow an option or stand as an argument. */
export type Completion =
  | { readonly kind: "none" }
  | { readonly kind: "file" }
  | { readonly kind: "any" }
  | { readonly kind: "choices"; readonly choices: readonly string[] };

/** One option as scripts need it. */
export interface OptionFacts {
  /** "-q"; absent when there is only a long one. */
  readonly short?: string;
  /** "--quiet". */
  readonly long: string;
  readonly description: string;
  /** "none" for a flag. */
  readonly value: Completion;
  /** Whether it may be given more than once. */
  readonly repeatable: boolean;
}

/** One command as scripts need it. */
export interface CommandFacts {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionFacts[];
  readonly argument: Completion;
}

/** The program and its commands. */
export interface ProgramFacts {
  readonly options: readonly OptionFacts[];
  readonly commands: readonly CommandFacts[];
}

/** Words in the flags of options whose values are paths. */
const pathValues = /<(?:destination|file)>/;

/** Reads the tree of commands for the writers of scripts. */
export function describeCommands(tree: CommandUnknownOpts): ProgramFacts {
  const commands = tree.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: describeOptions(command),
    argument: describeArgument(command),
  }));
  const names = commands.map(({ name }) => name);
  return {
    options: describeOptions(tree),
    commands: [...commands, {
      name: "help",
      description: "print the help of a command",
      options: [],
      argument: { kind: "choices", choices: names },
    }],
  };
}

function describeOptions(command: CommandUnknownOpts): readonly OptionFacts[] {
  const visible = command.createHelp().visibleOptions(command);
  return visible.map((option) => ({
    ...(option.short === undefined ? {} : { short: option.short }),
    long: option.long ?? option.flags,
    description: option.description,
    value: describeValue(option.flags, option.argChoices),
    repeatable: Array.isArray(option.defaultValue),
  }));
}

function describeValue(
  flags: string,
  choices: readonly string[] | undefined,
): Completion {
  if (choices !== undefined) return { kind: "choices", choices };
  if (pathValues.test(flags)) return { kind: "file" };
  return { kind: flags.includes("<") ? "any" : "none" };
}

function describeArgument(command: CommandUnknownOpts): Completion {
  const [argument] = command.registeredArguments;
  if (argument === undefined) return { kind: "none" };
  return argument.argChoices === undefined
    ? { kind: "file" }
    : { kind: "choices", choices: argument.argChoices };
}
