import type { CommandFacts, Completion, OptionFacts, ProgramFacts } from "./completion_tree.ts";

/** A completion script for fish 3 and later. */
export function fishCompletion({ options, commands }: ProgramFacts): string {
  const first = "-n __fish_use_subcommand";
  const lines = [
    "complete -c runferry -f",
    ...options.map((option) => optionLine(first, option)),
    ...commands.map(({ name, description }) =>
      `complete -c runferry ${first} -a ${name} -d ${quote(description)}`
    ),
    ...commands.flatMap(commandLines),
  ];
  return `# fish completion for runferry\n${lines.join("\n")}\n`;
}

function commandLines(
  { name, options, argument }: CommandFacts,
): readonly string[] {
  const when = `-n ${quote(`__fish_seen_subcommand_from ${name}`)}`;
  const values = argument.kind === "none"
    ? []
    : [`complete -c runferry ${when} ${offer(argument)}`];
  return [...options.map((option) => optionLine(when, option)), ...values];
}

function optionLine(
  when: string,
  { short, long, description, value }: OptionFacts,
): string {
  return [
    `complete -c runferry ${when}`,
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    `-l ${long.slice(2)}`,
    ...(value.kind === "none" ? [] : [`-r ${offer(value)}`]),
    `-d ${quote(description)}`,
  ].join(" ");
}

function offer(completion: Completion): string {
  if (completion.kind === "file") return "-F";
  return completion.kind === "choices" ? `-f -a ${quote(completion.choices.join(" "))}` : "-f";
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
