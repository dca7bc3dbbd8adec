/**
 * Stands in for node:fs/promises in a program that is to die: counts every change of the file
 * system, makes it at once, and dies before the one that the plan tells.
 */
import { Buffer } from "node:buffer";
import {
  appendFileSync,
  constants,
  existsSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { type FileHandle, open as openFile } from "node:fs/promises";
import process from "node:process";
import { type CrashPlan, planVariable } from "./crash_plan.ts";
import { PowerCut } from "./power_cut.ts";

// Whatever else the program comes to use of it, it has to be here; chmod is used for logins only.
export {
  access,
  chmod,
  type FileHandle,
  glob,
  lstat,
  readdir,
  readFile,
  readlink,
  realpath,
  stat,
} from "node:fs/promises";

const plan: CrashPlan = JSON.parse(process.env[planVariable] ?? "");
const cut: PowerCut | undefined = plan.leaving && new PowerCut(plan.limbo);
let changes = 0;

type Path = string | Buffer;

/** Counts a change; dies if it is the one, having done a part of it. */
function about(name: string, path: Path, part: () => void = (): void => undefined): void {
  changes++;
  appendFileSync(plan.log, `${changes} ${name} ${path}\n`);
  if (changes !== plan.at) return;
  if (plan.leaving === undefined) part();
  else cut?.happen(plan.leaving, plan.at);
  process.kill(process.pid, "SIGKILL");
  while (true) continue;
}

async function open(
  path: Path,
  flags?: string | number,
  mode?: number,
): Promise<FileHandle> {
  const isNew = makes(flags ?? "r") && !existsSync(path);
  if (isNew) about("create", path);
  const handle = await openFile(path, flags, mode);
  if (isNew) cut?.created(String(path));
  return new Proxy(handle, { get: (_, name) => member(handle, name, path) });
}

/** Whether opening with these flags makes a file that is not there. */
function makes(flags: string | number): boolean {
  return typeof flags === "number" ? (flags & constants.O_CREAT) !== 0 : /^[wa]/.test(flags);
}

function member(handle: FileHandle, name: string | symbol, path: Path): unknown {
  switch (name) {
    case "write":
      return (bytes: Uint8Array, at: number, length: number, position: number | null) =>
        Promise.resolve({
          bytesWritten: write(handle, path, bytes.subarray(at, at + length), position),
        });
    case "writeFile":
    case "appendFile":
      return (text: string) => {
        write(handle, path, Buffer.from(text), null);
        return Promise.resolve();
      };
    case "truncate":
      return (length: number) => {
        about("truncate", path);
        cut?.changing(handle.fd);
        ftruncateSync(handle.fd, length);
        return Promise.resolve();
      };
    case "sync":
    case "datasync":
      return () => {
        about("sync", path);
        cut?.synced(handle.fd);
        return Promise.resolve();
      };
    default: {
      const value: unknown = Reflect.get(handle, name);
      return typeof value === "function" ? value.bind(handle) : value;
    }
  }
}

/** Writes all of it; half of it when the process dies meanwhile. */
function write({ fd }: FileHandle, path: Path, bytes: Uint8Array, position: number | null): number {
  const part = bytes.subarray(0, bytes.length / 2);
  about("write", path, () => writeSync(fd, part, 0, part.length, position));
  cut?.changing(fd);
  for (let at = 0; at < bytes.length;) {
    at += writeSync(fd, bytes, at, bytes.length - at, position === null ? null : position + at);
  }
  return bytes.length;
}

/** A change of names: made by the model of a power cut where there is one. */
function change(name: string, path: Path, make: (to: PowerCut | undefined) => void): Promise<void> {
  about(name, path);
  return new Promise((resolve) => {
    make(cut);
    resolve();
  });
}

function link(existing: string, path: string): Promise<void> {
  return change("link", path, (to) => to ? to.link(existing, path) : linkSync(existing, path));
}

function unlink(path: Path): Promise<void> {
  return change("unlink", path, (to) => to ? to.unlink(String(path)) : unlinkSync(path));
}

function rename(path: string, target: string): Promise<void> {
  return change("rename", target, (to) => to ? to.rename(path, target) : renameSync(path, target));
}

function rmdir(path: Path): Promise<void> {
  return change("rmdir", path, (to) => to ? to.rmdir(String(path)) : rmdirSync(path));
}

/** The program makes folders with those above them only. */
function mkdir(
  path: string,
  { mode }: { readonly recursive: true; readonly mode?: number },
): Promise<string | undefined> {
  if (existsSync(path)) return Promise.resolve(undefined);
  about("mkdir", path);
  const options = { recursive: true, ...(mode === undefined ? {} : { mode }) } as const;
  return Promise.resolve(cut ? cut.mkdir(path, mode) : mkdirSync(path, options));
}

export { link, mkdir, open, rename, rmdir, unlink };
