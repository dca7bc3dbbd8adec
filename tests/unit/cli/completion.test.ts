import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { bashCompletion } from "../../../src/cli/completion_bash.ts";
import { fishCompletion } from "../../../src/cli/completion_fish.ts";
import { describeCommands } from "../../../src/cli/completion_tree.ts";
import { zshCompletion } from "../../../src/cli/completion_zsh.ts";
import { buildProgram } from "../../../src/cli/program.ts";
import { fakeShell } from "./fake_shell.ts";

const facts = describeCommands(buildProgram(fakeShell()).tree);

/** What bash offers behind these words, the last of which is being typed. */
function offered(words: readonly string[]): string {
  const script = `${bashCompletion(facts)}
    compopt() { printf 'files '; }
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _runferry
    printf '%s' "\${COMPREPLY[*]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", "runferry", ...words], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.trim();
}

describe("completion", () => {
  it("knows every command, option and choice", () => {
    const names = facts.commands.map(({ name }) => name);
    assert.deepEqual(names, [
      "sync",
      "ls",
      "show",
      "cat",
      "verify",
      "clean",
      "export",
      "login",
      "logout",
      "whoami",
      "serve",
      "watch",
      "completion",
      "help",
    ]);
    const sync = facts.commands.find(({ name }) => name === "sync");
    const to = sync?.options.find(({ long }) => long === "--to");
    assert.deepEqual([to?.value.kind, to?.repeatable], ["file", true]);
  });

  it("offers in bash what fits the place", () => {
    const table: readonly (readonly [readonly string[], string])[] = [
      [["s"], "sync show serve"],
      [["--v"], "--version"],
      [["sync", "--no"], "--no-console --no-media --no-source"],
      [["sync", ""], "files"],
      [["sync", "--to", ""], "files"],
      [["sync", "--jobs", ""], ""],
      [["export", "x", "--format", ""], "csv jsonl"],
      [["export", "--format", "=", "j"], "jsonl"],
      [["export", "-f", "c"], "csv"],
      [["completion", ""], "bash zsh fish"],
      [["help", "ex"], "export"],
    ];
    for (const [words, offer] of table) assert.equal(offered(words), offer, words.join(" "));
  });

  it("quotes descriptions for zsh and fish", () => {
    const option = {
      long: "--odd",
      description: "it's [a] back\\slash: x",
      value: { kind: "none" },
      repeatable: false,
    } as const;
    const odd = { options: [option], commands: [] };
    assert.ok(zshCompletion(odd).includes("'--odd[it'\\''s \\[a\\] back\\\\slash\\: x]'"));
    assert.ok(fishCompletion(odd).includes("-l odd -d 'it\\'s [a] back\\\\slash: x'"));
  });
});
