import type { CommandFacts, Completion, OptionFacts, ProgramFacts } from "./completion_tree.ts";

/** A completion script for zsh; works in a folder of `fpath` and when sourced. */
export function zshCompletion({ options, commands }: ProgramFacts): string {
  const described = commands.map(({ name, description }) =>
    `    ${quote(`${name}:${description}`)}`
  );
  return `#compdef runferry
_runferry() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${described.join("\n")}
  )
  _arguments -C ${options.map(optionSpec).join(" ")} \\
    '1:command:->command' '*::argument:->argument'
  case "$state" in
    command) _describe -t commands command commands ;;
    argument)
      case "$words[1]" in
${commands.map(commandCase).join("\n")}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = "_runferry" ]; then
  _runferry "$@"
else
  compdef _runferry runferry
fi
`;
}

function commandCase({ name, options, argument }: CommandFacts): string {
  const specs = options.map(optionSpec);
  if (argument.kind !== "none") {
    specs.push(quote(`*:argument:${action(argument)}`));
  }
  return `        ${name}) _arguments ${specs.join(" ")} ;;`;
}

function optionSpec(
  { short, long, description, value, repeatable }: OptionFacts,
): string {
  const text = description.replace(/[\\[\]:]/g, "\\$&");
  const tail = value.kind === "none" ? "" : `:value:${action(value)}`;
  if (short === undefined) {
    return quote(`${repeatable ? "*" : ""}${long}[${text}]${tail}`);
  }
  return `${quote(`(${short} ${long})`)}{${short},${long}}${quote(`[${text}]${tail}`)}`;
}

function action(completion: Completion): string {
  if (completion.kind === "file") return "_files";
  return completion.kind === "choices" ? `(${completion.choices.join(" ")})` : "";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
