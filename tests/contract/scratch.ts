import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** A new directory, free of links in its path, that is gone when `use` is done. */
export async function inScratch<Result>(
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "contract-")));
  try {
    return await use(directory);
  } finally {
    unlock(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Copies a file or a tree into a directory, with its times and links; returns the copy's path. */
export function copyInto(directory: string, path: string): string {
  const copy = join(directory, basename(path));
  cpSync(path, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return copy;
}

/** Everything at and below a path, `""` first, in byte order of the paths below it. */
export function tree(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const order = (left: string, right: string): number =>
    Buffer.compare(Buffer.from(left), Buffer.from(right));
  return ["", ...below(path, "")].sort(order);
}

function below(path: string, prefix: string): readonly string[] {
  if (!lstatSync(path).isDirectory()) return [];
  return readdirSync(path).flatMap((name) => [
    prefix + name,
    ...below(join(path, name), `${prefix}${name}/`),
  ]);
}

/** Paths, kinds, sizes, times and contents of a tree: equal means that nothing was changed. */
export function snapshot(path: string): readonly string[] {
  return tree(path).map((name) => {
    const full = join(path, name);
    const { size, mtimeNs, mode } = lstatSync(full, { bigint: true });
    return [name, size, mtimeNs, mode, content(full)].join(" ");
  });
}

function content(path: string): string {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return readlinkSync(path);
  if (!status.isFile()) return "";
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Takes away every right to write below a path. */
export function lock(path: string): void {
  eachDirectory(path, (directory) => chmodSync(directory, 0o555));
}

function unlock(path: string): void {
  eachDirectory(path, (directory) => chmodSync(directory, 0o755));
}

function eachDirectory(path: string, act: (directory: string) => void): void {
  for (const name of tree(path)) {
    const full = join(path, name);
    if (lstatSync(full).isDirectory()) act(full);
  }
}

/** How many files below a directory this process has open; 0 where the system does not tell. */
export function openFiles(directory: string): number {
  const table = "/proc/self/fd";
  if (!existsSync(table)) return 0;
  const targets = readdirSync(table).map((name) => {
    const link = join(table, name);
    return lstatSync(link, { throwIfNoEntry: false }) === undefined ? "" : readlinkSync(link);
  });
  return targets.filter((target) => target.startsWith(directory)).length;
}

/** Size of a file in bytes. */
export function sizeOf(path: string): number {
  return statSync(path).size;
}
