/**
 * Who may import whom: the one table that both the lint plugin and the architecture test go by.
 * `src/ARCHITECTURE.md` explains it.
 */

/** What the files below one path may import. Their own folder is always allowed. */
export interface Layer {
  /** A folder or file, relative to the repository. */
  readonly path: string;
  /** Folders and files of the repository. */
  readonly imports: readonly string[];
  /** The same, but only as `import type`. */
  readonly types?: readonly string[];
  /** Modules by name; `node:*` stands for all of Node's but node:process. */
  readonly modules: readonly string[];
}

const reading = ["src/errors.ts", "src/codec", "src/files"];
const adapter = ["src/model", "src/adapter.ts", ...reading];
const everything = ["src", "adapters"];
const terminal = ["@commander-js/extra-typings", "commander", "@clack/prompts"];

/** The first layer that a file lies in is the one that counts. */
const layers: readonly Layer[] = [
  { path: "src/model", imports: [], modules: [] },
  { path: "src/errors.ts", imports: [], modules: [] },
  { path: "src/codec", imports: ["src/errors.ts"], modules: ["node:*", "yaml"] },
  {
    path: "src/files",
    imports: ["src/errors.ts"],
    types: ["src/model"],
    modules: ["node:*"],
  },
  { path: "src/net", imports: ["src/errors.ts", "src/codec"], modules: ["node:*"] },
  { path: "src/config", imports: ["src/errors.ts", "src/codec"], modules: ["node:*", "yaml"] },
  {
    path: "src/adapter.ts",
    imports: ["src/model"],
    modules: [],
  },
  {
    path: "src/archive",
    imports: ["src/model", ...reading],
    modules: ["node:*", "tar-stream"],
  },
  { path: "src/sync", imports: adapter, modules: ["node:*", "picomatch"] },
  {
    path: "src/cli",
    imports: [...everything, "package.json"],
    modules: ["node:*", "node:process", ...terminal],
  },
  {
    path: "src/main.ts",
    imports: everything,
    modules: ["node:*", "node:process"],
  },
  {
    path: "adapters/mod.ts",
    imports: ["adapters", "src/adapter.ts", "src/config", "src/errors.ts", "package.json"],
    modules: ["node:*"],
  },
  {
    path: "adapters/sources/archive",
    imports: ["src/archive", ...adapter],
    modules: ["node:*"],
  },
  {
    path: "adapters/destinations/archive",
    imports: ["src/archive", ...adapter],
    modules: ["node:*"],
  },
  {
    path: "adapters/sources/*",
    imports: adapter,
    modules: ["node:*", "picomatch", "yaml"],
  },
  {
    path: "adapters/destinations/*",
    imports: ["src/net", "src/config", ...adapter],
    modules: ["node:path", "node:crypto", "node:buffer"],
  },
  {
    path: "adapters/hosts/*",
    imports: ["src/archive", ...adapter],
    modules: ["node:*", "hono", "@hono/node-server"],
  },
];

/** One import statement. */
export interface Import {
  /** The importing file, relative to the repository, `/` between its parts. */
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** The folder or file that `path` of a layer stands for, seen from `file`; undefined if outside. */
function layerRoot(path: string, file: string): string | undefined {
  const parts = file.split("/").slice(0, path.split("/").length);
  const root = parts.join("/");
  const pattern = path.endsWith("/*") ? [...parts.slice(0, -1), "*"].join("/") : root;
  return pattern === path ? root : undefined;
}

/** Where a relative specifier leads, relative to the repository. */
function target(file: string, specifier: string): string {
  return new URL(specifier, `file:///${file}`).pathname.slice(1);
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}/`));
}

function moduleAllowed(name: string, modules: readonly string[]): boolean {
  if (modules.includes(name)) return true;
  return name.startsWith("node:") && name !== "node:process" && modules.includes("node:*");
}

/** Why an import is not allowed, as a sentence; undefined when it is, or no layer holds the file. */
export function importProblem({ file, specifier, typeOnly }: Import): string | undefined {
  const layer = layers.find(({ path }) => layerRoot(path, file) !== undefined);
  if (layer === undefined) {
    return isBelow(file, everything) ? `${file} lies in no layer of tests/layers.ts.` : undefined;
  }
  if (!specifier.startsWith(".")) {
    if (moduleAllowed(specifier, layer.modules)) return undefined;
    return `${layer.path} may not import ${specifier}.`;
  }
  const own = layerRoot(layer.path, file) ?? layer.path;
  const allowed = [own, ...layer.imports, ...(typeOnly ? layer.types ?? [] : [])];
  const path = target(file, specifier);
  return isBelow(path, allowed) ? undefined : `${layer.path} may not import ${path}.`;
}
