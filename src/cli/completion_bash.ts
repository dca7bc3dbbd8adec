import type { CommandFacts, Completion, OptionFacts, ProgramFacts } from "./completion_tree.ts";

/** A completion script for bash 4 and later; it needs no other package. */
export function bashCompletion({ options, commands }: ProgramFacts): string {
  const names = commands.map(({ name }) => name);
  const values = commands.flatMap(valueCases);
  const optionCases = commands.map(({ name, options }) =>
    `        "${name} "-*) words="${optionNames(options)}" ;;`
  );
  const argumentCases = commands.map(({ name, argument }) =>
    `        "${name} "*) ${complete(argument)} ;;`
  );
  return `# bash completion for runferry
_runferry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" word words="" files=""
  COMPREPLY=()
  if [[ "$current" == "=" ]]; then
    current=""
  elif [[ "$previous" == "=" ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) command="$word"; break ;;
    esac
  done
  case "$command $previous" in
${values.join("\n")}
    *)
      case "$command $current" in
        " "*) words="${[...names, optionNames(options)].join(" ")}" ;;
${[...optionCases, ...argumentCases].join("\n")}
      esac
      ;;
  esac
  if [[ -n "$files" ]]; then
    compopt -o default
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -F _runferry runferry
`;
}

/** What to offer behind each option that takes a value. */
function valueCases({ name, options }: CommandFacts): readonly string[] {
  return options.filter(({ value }) => value.kind !== "none").map((
    { short, long, value },
  ) => {
    const flags = short === undefined ? [long] : [short, long];
    const pattern = flags.map((flag) => `"${name} ${flag}"`).join("|");
    return `    ${pattern}) ${complete(value)} ;;`;
  });
}

function optionNames(options: readonly OptionFacts[]): string {
  return options.map(({ long }) => long).join(" ");
}

function complete(completion: Completion): string {
  if (completion.kind === "file") return "files=1";
  return completion.kind === "choices" ? `words="${completion.choices.join(" ")}"` : 'words=""';
}
