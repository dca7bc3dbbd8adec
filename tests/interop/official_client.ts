import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { finished } from "../e2e/binary.ts";

/** A host and who we are there. */
export interface Login {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly key: string;
  readonly user: string;
}

/** What a client is run with. */
export interface ClientOptions {
  /** The folder of its programs. */
  readonly programs: string;
  /** Where it works; its home too, so that no login of this machine's user is seen. */
  readonly directory: string;
  /** Absent for work without a host. */
  readonly login?: Login;
}

const environment = {
  LANG: "C.UTF-8",
  TZ: "UTC",
  PYTHONUTF8: "1",
  PYTHONDONTWRITEBYTECODE: "1",
  NO_PROXY: "127.0.0.1",
};

function loginEnvironment(
  { url, key }: Login,
  programs: string,
): { readonly [name: string]: string } {
  // The old line takes the address with /api, the new one drops any path.
  const host = programs.includes("0.7.") ? `${url}/api` : url;
  return { SWANLAB_API_HOST: host, SWANLAB_WEB_HOST: url, SWANLAB_API_KEY: key };
}

/** Starts a program of an official client, with whatever it starts in a process group of its own. */
export function startClient(
  [program, ...options]: readonly [string, ...string[]],
  { programs, directory, login }: ClientOptions,
): ChildProcess {
  mkdirSync(directory, { recursive: true });
  return spawn(join(programs, program), options, {
    cwd: directory,
    detached: true,
    env: {
      PATH: `${programs}:${process.env["PATH"] ?? ""}`,
      HOME: directory,
      ...environment,
      ...(login === undefined ? {} : loginEnvironment(login, programs)),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/**
 * Runs a program of an official client and returns what it printed, both streams together.
 * @throws {Error} with what it printed, when it ends with anything but 0.
 */
export async function runClient(
  words: readonly [string, ...string[]],
  options: ClientOptions,
): Promise<string> {
  const { code, stdout, stderr } = await finished(startClient(words, options));
  if (code === 0) return stdout + stderr;
  throw new Error(`${words.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
}

/** Logs a run with `log_run.py`; returns its run directory. */
export async function logRun(
  script: string,
  words: readonly string[],
  options: ClientOptions,
): Promise<string> {
  const printed = await runClient(["python", script, ...words], options);
  const directory = /^run directory: (.+)$/m.exec(printed)?.[1];
  if (directory === undefined) throw new Error(`no run directory in:\n${printed}`);
  return directory;
}
