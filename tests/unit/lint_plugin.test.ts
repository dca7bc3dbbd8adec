import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";

interface Case {
  readonly what: string;
  readonly file: string;
  readonly source: string;
  /** The rule that must fire, exactly once; none when the source is fine. */
  readonly rule?: string;
}

const longFunction = `export function f(): void {\n${"  g();\n".repeat(59)}}\n`;
const longestFunction = `export function f(): void {\n${"  g();\n".repeat(58)}}\n`;

const cases: readonly Case[] = [
  {
    what: "the model imports an error",
    file: "src/model/a.ts",
    source: `import { ToolError } from "../errors.ts";\n`,
    rule: "imports",
  },
  {
    what: "the model imports a module of node",
    file: "src/model/b.ts",
    source: `export { join } from "node:path";\n`,
    rule: "imports",
  },
  {
    what: "the model imports its neighbour",
    file: "src/model/c.ts",
    source: `import { a } from "./a.ts";\n`,
  },
  {
    what: "a codec imports the model at run time",
    file: "src/codec/a.ts",
    source: `const event = await import("../model/event.ts");\n`,
    rule: "imports",
  },
  {
    what: "files imports a type of the model",
    file: "src/files/a.ts",
    source: `import type { FileRef } from "../model/file.ts";\n`,
  },
  {
    what: "files imports a value of the model",
    file: "src/files/b.ts",
    source: `import { setKey } from "../model/json.ts";\n`,
    rule: "imports",
  },
  {
    what: "the core imports an adapter",
    file: "src/sync/a.ts",
    source: `import { wandb } from "../../adapters/sources/wandb/source.ts";\n`,
    rule: "imports",
  },
  {
    what: "the core imports a module that only the terminal uses",
    file: "src/sync/b.ts",
    source: `import { Command } from "commander";\n`,
    rule: "imports",
  },
  {
    what: "an adapter imports its neighbour",
    file: "adapters/sources/one/a.ts",
    source: `export * from "../two/source.ts";\n`,
    rule: "imports",
  },
  {
    what: "an adapter imports the core",
    file: "adapters/sources/one/b.ts",
    source: `import type { Outcome } from "../../../src/sync/outcome.ts";\n`,
    rule: "imports",
  },
  {
    what: "a tracker's adapter imports the archive",
    file: "adapters/sources/one/c.ts",
    source: `import { read } from "../../../src/archive/reader.ts";\n`,
    rule: "imports",
  },
  {
    what: "the archive's adapter imports the archive",
    file: "adapters/sources/archive/a.ts",
    source: `import { read } from "../../../src/archive/reader.ts";\n`,
  },
  {
    what: "a destination imports the file system",
    file: "adapters/destinations/one/a.ts",
    source: `import { open } from "node:fs/promises";\n`,
    rule: "imports",
  },
  {
    what: "a file lies in no layer",
    file: "src/other/a.ts",
    source: `import { a } from "./b.ts";\n`,
    rule: "imports",
  },
  {
    what: "the core asks the process",
    file: "src/sync/c.ts",
    source: `export const home = process.env["HOME"];\n`,
    rule: "process",
  },
  {
    what: "an adapter asks the process by way of globalThis",
    file: "adapters/sources/one/d.ts",
    source: `export const here = globalThis.process.cwd();\n`,
    rule: "process",
  },
  {
    what: "the core imports the process",
    file: "src/sync/d.ts",
    source: `import { argv } from "node:process";\n`,
    rule: "imports",
  },
  {
    what: "the command line asks the process",
    file: "src/cli/a.ts",
    source: `import process from "node:process";\nprocess.exitCode = 1;\n`,
  },
  {
    what: "a property is called process",
    file: "src/sync/e.ts",
    source: `export const a = { process: 1 }.process;\n`,
  },
  {
    what: "Bun is used",
    file: "src/cli/b.ts",
    source: `export const a = Bun.file("a");\n`,
    rule: "runtime-globals",
  },
  {
    what: "Deno is used",
    file: "adapters/sources/one/e.ts",
    source: `export const a = Deno.cwd();\n`,
    rule: "runtime-globals",
  },
  {
    what: "Buffer is taken from nowhere",
    file: "src/codec/b.ts",
    source: `export const a = Buffer.alloc(1);\n`,
    rule: "runtime-globals",
  },
  {
    what: "Buffer is imported",
    file: "src/codec/c.ts",
    source: `import { Buffer } from "node:buffer";\nexport const a = Buffer.alloc(1);\n`,
  },
  {
    what: "a source deletes",
    file: "adapters/sources/one/f.ts",
    source: `import { rmSync as remove } from "node:fs";\n`,
    rule: "deletion",
  },
  {
    what: "the command line takes the whole file system",
    file: "src/cli/c.ts",
    source: `import * as files from "node:fs/promises";\n`,
    rule: "deletion",
  },
  {
    what: "the command line takes the promises of the file system",
    file: "src/cli/d.ts",
    source: `import { promises } from "node:fs";\n`,
    rule: "deletion",
  },
  {
    what: "a handle is cut",
    file: "src/archive/a.ts",
    source: `export const a = (handle: H): Promise<void> => handle.truncate(0);\n`,
    rule: "truncation",
  },
  {
    what: "clean deletes",
    file: "src/sync/trash_tree.ts",
    source: `import { rm } from "node:fs/promises";\n`,
  },
  {
    what: "a catch is empty but for a comment",
    file: "src/sync/f.ts",
    source: `try {\n  f();\n} catch {\n  // Never mind.\n}\n`,
    rule: "catches",
  },
  {
    what: "a catch only logs",
    file: "src/sync/g.ts",
    source: `try {\n  f();\n} catch (error) {\n  context.notice(String(error));\n}\n`,
    rule: "catches",
  },
  {
    what: "a promise's catch only logs",
    file: "src/sync/h.ts",
    source: `f().catch((error) => console.error(error));\n`,
    rule: "catches",
  },
  {
    what: "a promise's catch is empty",
    file: "src/sync/i.ts",
    source: `f().catch(() => {});\n`,
    rule: "catches",
  },
  {
    what: "a catch tells and throws",
    file: "src/sync/j.ts",
    source: `try {\n  f();\n} catch (error) {\n  notice("");\n  throw error;\n}\n`,
  },
  {
    what: "a catch returns",
    file: "src/sync/k.ts",
    source: `export const a = (): unknown => f().catch(() => undefined);\n`,
  },
  { what: "a function is too long", file: "src/sync/l.ts", source: longFunction, rule: "sizes" },
  { what: "a function is just short enough", file: "src/sync/m.ts", source: longestFunction },
  {
    what: "a file is too long",
    file: "src/sync/n.ts",
    source: "f();\n".repeat(401),
    rule: "sizes",
  },
  { what: "a file is just short enough", file: "src/sync/o.ts", source: "f();\n".repeat(400) },
];

let root = "";
let findings: Map<string, string[]>;

before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "lint-")));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const configuration = {
    lint: { plugins: ["./tests/lint_plugin.ts"], rules: { tags: [] } },
  };
  write("deno.json", JSON.stringify(configuration));
  mkdirSync(join(root, "tests"));
  for (const name of ["lint_plugin.ts", "layers.ts"]) {
    copyFileSync(join("tests", name), join(root, "tests", name));
  }
  for (const { file, source } of cases) write(file, source);
  findings = lint(root);
});

after(() => rmSync(root, { recursive: true }));

/** The rules that fired, by file. */
function lint(directory: string): Map<string, string[]> {
  const deno = resolve("node_modules/.bin/deno");
  const { stdout } = spawnSync(deno, ["lint", "--json", "src", "adapters"], {
    cwd: directory,
    encoding: "utf8",
  });
  const found = new Map<string, string[]>();
  for (const { code, filename } of JSON.parse(stdout).diagnostics) {
    const file = filename.slice(`file://${directory}/`.length);
    found.set(file, [...found.get(file) ?? [], code]);
  }
  return found;
}

for (const { what, file, rule } of cases) {
  test(`${what}: ${rule ?? "allowed"}`, () => {
    assert.deepEqual(findings.get(file) ?? [], rule === undefined ? [] : [`runferry/${rule}`]);
  });
}
