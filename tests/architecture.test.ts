import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { importProblem } from "./layers.ts";

/** Every TypeScript file below a folder, as a path relative to the repository. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".ts") && !file.startsWith("tests/fixtures/"))
    .sort();
}

interface SourceFile {
  readonly file: string;
  readonly text: string;
}

function read(folder: string): readonly SourceFile[] {
  return filesBelow(folder).map((file) => ({ file, text: readFileSync(file, "utf8") }));
}

const shipped = [...read("src"), ...read("adapters")];
const all = [...shipped, ...read("tests"), {
  file: "build.ts",
  text: readFileSync("build.ts", "utf8"),
}];

interface ImportStatement {
  readonly typeOnly: boolean;
  /** The names in braces, as the exporting file calls them. */
  readonly names: readonly string[];
  readonly specifier: string;
}

const staticImport =
  /^(?:import|export) (type )?([\w*][\w *,]*(?:\{[^}]*\} )?from |\{[^}]*\} from |)"([^"]+)"/gm;
const dynamicImport = /()(?:const (\{[^}]*\}) = )?await import\("([^"]+)"\)/g;

/** The import and re-export statements of a file, in the one spelling that `deno fmt` leaves. */
function importsOf(text: string): readonly ImportStatement[] {
  const found = [...text.matchAll(staticImport), ...text.matchAll(dynamicImport)];
  return found.map(([, type, clause = "", specifier = ""]) => ({
    typeOnly: Boolean(type),
    names: (/\{([^}]*)\}/.exec(clause)?.[1] ?? "").split(",")
      .map((name) => name.trim().replace(/^type /, "").replace(/ as .*$/, ""))
      .filter((name) => name !== ""),
    specifier,
  }));
}

/** Where a relative specifier leads, relative to the repository. */
function target(file: string, specifier: string): string {
  return new URL(specifier, `file:///${file}`).pathname.slice(1);
}

test("every import goes in an allowed direction", () => {
  const problems = shipped.flatMap(({ file, text }) =>
    importsOf(text).map(({ specifier, typeOnly }) => importProblem({ file, specifier, typeOnly }))
      .filter((problem) => problem !== undefined)
  );
  assert.deepEqual(problems, []);
});

test("no file has more than 400 lines", () => {
  const long = all.filter(({ text }) => text.split("\n").length > 401).map(({ file }) => file);
  assert.deepEqual(long, []);
});

test("no file is a drawer for anything", () => {
  const drawer = /^(utils?|helpers?|common|misc|shared|index|types|constants|base)\.ts$/;
  assert.deepEqual(
    all.filter(({ file }) => drawer.test(basename(file))).map(({ file }) => file),
    [],
  );
});

test("every file name is in snake_case", () => {
  const name = /^[a-z0-9]+(_[a-z0-9]+)*(\.test)?\.ts$/;
  assert.deepEqual(
    all.filter(({ file }) => !name.test(basename(file))).map(({ file }) => file),
    [],
  );
});

/** Whether a name stands in a text more often than in its own declaration. */
function usedWithin(text: string, name: string): boolean {
  return [...text.matchAll(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, "g"))].length > 1;
}

test("every export is imported somewhere, and used by more than its tests", () => {
  const imported = new Map<string, boolean>();
  for (const { file, text } of all) {
    const shipping = !file.startsWith("tests/");
    for (const { specifier, names } of importsOf(text)) {
      if (!specifier.startsWith(".")) continue;
      for (const name of names) {
        const key = `${target(file, specifier)} ${name}`;
        imported.set(key, shipping || imported.get(key) === true);
      }
    }
  }
  const declared =
    /^export (?:async )?(?:abstract )?(function\*?|class|const|let|interface|type) (\w+)/gm;
  const dead: string[] = [];
  for (const { file, text } of all) {
    for (const [, kind, name = ""] of text.matchAll(declared)) {
      const from = imported.get(`${file} ${name}`);
      const isType = kind === "interface" || kind === "type";
      const product = !file.startsWith("tests/");
      const alive = from === true || (from === false && !product) ||
        ((isType || from === false) && usedWithin(text, name));
      if (!alive) dead.push(`${file}: ${name}`);
    }
  }
  assert.deepEqual(dead, []);
});

interface Registered {
  readonly kind: "sources" | "destinations";
  readonly folders: readonly string[];
  readonly imported: readonly string[];
}

function registered(kind: Registered["kind"]): Registered {
  const entries = readdirSync(`adapters/${kind}`, { withFileTypes: true });
  const pattern = new RegExp(`^\\./${kind}/([^/]+)/(?:source|destination)\\.ts$`);
  return {
    kind,
    folders: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name).sort(),
    imported: importsOf(readFileSync("adapters/mod.ts", "utf8"))
      .map(({ specifier }) => pattern.exec(specifier)?.[1])
      .filter((name) => name !== undefined).sort(),
  };
}

/** The first column of the table whose head begins with a word. */
function tableRows(text: string, head: string): readonly string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.split("|")[1]?.trim() === head);
  assert.notEqual(start, -1, `README.md has a table of each ${head}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((line) => /^\| `([^`]+)`/.exec(line)?.[1] ?? line).sort();
}

for (const [kind, head] of [["sources", "Source"], ["destinations", "Destination"]] as const) {
  test(`the registry, the folders and the support table name the same ${kind}`, () => {
    const { folders, imported } = registered(kind);
    assert.ok(folders.length > 0);
    assert.deepEqual(imported, folders);
    assert.deepEqual(tableRows(readFileSync("README.md", "utf8"), head), folders);
  });
  test(`every adapter in ${kind} has a contract test`, () => {
    const tested = new Set(filesBelow("tests/contract").map((file) => basename(file, ".test.ts")));
    assert.deepEqual(registered(kind).folders.filter((name) => !tested.has(name)), []);
  });
}
