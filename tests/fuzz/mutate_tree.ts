import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Dice } from "../generate/dice.ts";
import { mutateBytes } from "./mutate_bytes.ts";

/** Every plain file below a directory, in order. */
export function filesBelow(directory: string, prefix = ""): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .sort((left, right) => left.name < right.name ? -1 : 1)
    .flatMap((entry) => {
      const path = prefix + entry.name;
      if (entry.isDirectory()) return filesBelow(join(directory, entry.name), `${path}/`);
      return entry.isFile() ? [path] : [];
    });
}

const linkTargets = ["/etc/passwd", "/dev/zero", "../../secret", ".", "..", "/", "missing", "self"];

/** Changes of the tree at one file. */
const changes: { readonly [name: string]: (path: string, dice: Dice, other: string) => void } = {
  "replace by a link": (path, dice) => {
    rmSync(path);
    symlinkSync(dice.pick(linkTargets).replace("self", path), path);
  },
  "replace by a directory": (path) => {
    rmSync(path);
    mkdirSync(join(path, "inside"), { recursive: true });
  },
  "replace by a FIFO": (path) => {
    rmSync(path);
    spawnSync("mkfifo", [path]);
  },
  "replace by another file": (path, _, other) => copyFileSync(other, path),
  "make sparse and huge": (path) => truncateSync(path, lstatSync(path).size + 64 * 2 ** 20),
  delete: (path) => rmSync(path),
  empty: (path) => writeFileSync(path, ""),
  rename: (path, dice) => {
    const names = ["renamed", ".hidden", "a b", "run-x.wandb", "backup.swanlab", "config.yaml"];
    renameSync(path, join(dirname(path), dice.pick(names)));
  },
  "replace the directory by a link": (path, dice) => {
    const directory = dirname(path);
    rmSync(directory, { recursive: true });
    symlinkSync(dice.pick(linkTargets).replace("self", directory), directory);
  },
  "add a strange neighbour": (path, dice) => {
    const names = ["run-1.wandb", "media", "files", "config.yaml", "swanlab-metadata.json"]
      .concat(["wandb-metadata.json", "output.log", "x.swanlab", "-rf", "a\nb", "\u{1f6a2}"]);
    const neighbour = join(dirname(path), dice.pick(names));
    if (!existsSync(neighbour)) copyFileSync(path, neighbour);
  },
  "append a line": (path, dice) => {
    const lines = [
      '{"index": 1, "data": "NaN", "create_time": "x"}\n',
      "\r\u001b[A\u0008x",
      "\xff\n",
    ];
    appendFileSync(path, dice.pick(lines));
  },
};

/** Logs and what stands beside them matter more than the rest. */
function pickFile(files: readonly string[], dice: Dice): string {
  const important = files.filter((file) => /\.(wandb|swanlab|tar|log|json|yaml)$/.test(file));
  const logs = files.filter((file) => /\.(wandb|swanlab|tar)$/.test(file));
  const pools = [files, important, logs, logs].filter((pool) => pool.length > 0);
  return dice.pick(dice.pick(pools));
}

/** Larger files are not changed byte by byte: the memory would be counted as the reader's. */
const mostBytes = 2 ** 20;

/** Changes one thing in a tree; `other` is some other real file. Says what, or nothing if nothing. */
export function mutateTree(directory: string, dice: Dice, other: string): string | undefined {
  const files = filesBelow(directory);
  if (files.length === 0) return undefined;
  const file = pickFile(files, dice);
  const path = join(directory, file);
  if (dice.below(4) > 0 && lstatSync(path).size <= mostBytes) {
    const { bytes, what } = mutateBytes(readFileSync(path), dice, readFileSync(other));
    writeFileSync(path, bytes);
    return `${what}: ${file}`;
  }
  const what = dice.pick(Object.keys(changes));
  changes[what]?.(path, dice, other);
  return `${what}: ${file}`;
}
