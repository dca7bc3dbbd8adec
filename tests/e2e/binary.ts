/** The compiled program, and ways to run it and to look at what it leaves behind. */
import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Absolute path of the program: RUNFERRY_BINARY, or what `npm run build` makes. */
export const binary: string = resolve(
  repository,
  process.env["RUNFERRY_BINARY"] ?? "dist/runferry",
);
if (!existsSync(binary)) throw new Error(`${binary} is missing: run npm run build first`);

/** What the tests of one process remember between commands; each process begins anew. */
const state = mkdtempSync(join(tmpdir(), "runferry-state-"));
process.on("exit", () => rmSync(state, { recursive: true, force: true }));

/** Absolute path of a fixture. */
export function fixture(...parts: readonly string[]): string {
  return join(repository, "tests", "fixtures", ...parts);
}

/** What a finished program left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is started. */
export interface StartOptions {
  readonly cwd?: string;
  readonly environment?: { readonly [name: string]: string };
  /** What is started instead, with the program and its arguments as further arguments. */
  readonly through?: readonly string[];
  /** A copy of the program to use. */
  readonly program?: string;
}

/** Starts the program with a plain environment: nothing of the tests' own reaches it. */
export function start(words: readonly string[], options: StartOptions = {}): ChildProcess {
  const [first = binary, ...rest] = [
    ...options.through ?? [],
    options.program ?? binary,
    ...words,
  ];
  return spawn(first, rest, {
    cwd: options.cwd ?? tmpdir(),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: tmpdir(),
      XDG_STATE_HOME: state,
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs the program to its end. */
export function run(words: readonly string[], options: StartOptions = {}): Promise<Finished> {
  return finished(start(words, options));
}

/** Waits for a started program and collects what it writes. */
export async function finished(child: ChildProcess): Promise<Finished> {
  const chunks: { readonly out: Uint8Array[]; readonly error: Uint8Array[] } = {
    out: [],
    error: [],
  };
  child.stdout?.on("data", (chunk: Uint8Array) => chunks.out.push(chunk));
  child.stderr?.on("data", (chunk: Uint8Array) => chunks.error.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return {
    code,
    stdout: Buffer.concat(chunks.out).toString("utf8"),
    stderr: Buffer.concat(chunks.error).toString("utf8"),
  };
}

/** Does some work in a new directory, which is deleted afterwards. */
export async function inScratch(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "runferry-e2e-"));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Copies a fixture into a directory, keeping times, and returns where it is. */
export function copyFixture(from: string, to: string): string {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
  return to;
}

/** Every file below a directory with its size and time of modification, in order of path. */
export function listTree(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).sort().map((name) => {
    const { size, mtimeMs } = statSync(join(directory, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}
