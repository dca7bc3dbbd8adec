import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The official clients: what pip is asked for, and the folder that a client lives in. */
const clients = {
  "swanlab 0.7.20": { folder: "venv-0.7.20", requirement: "swanlab==0.7.20" },
  "swanlab 0.9.7": { folder: "venv-0.9.7", requirement: "swanlab==0.9.7" },
  "swanlab newest": { folder: "venv-newest", requirement: "swanlab" },
  "wandb newest": { folder: "venv-wandb", requirement: "wandb" },
} as const;

/** An official client. */
export type Client = keyof typeof clients;

/** What their media classes need besides. */
const companions = ["numpy", "pillow", "soundfile"];

/** The package index cannot be reached, so that no client can be installed. */
export class IndexUnreachable extends Error {
  override name = "IndexUnreachable";
}

const unreachable =
  /NewConnectionError|NameResolutionError|Max retries exceeded|connection broken|ConnectTimeout|ProxyError/i;

function pip(python: string, ...words: readonly string[]): void {
  const quiet = ["-m", "pip", "--disable-pip-version-check", ...words, "--quiet"];
  const { status, stderr } = spawnSync(python, quiet, { encoding: "utf8" });
  if (status === 0) return;
  const why = stderr.split("\n").find((line) => unreachable.test(line));
  if (why !== undefined) throw new IndexUnreachable(`pip cannot reach its index: ${why.trim()}`);
  throw new Error(`pip ${words.join(" ")} failed: ${stderr.trim()}`);
}

/**
 * The folder with the programs of a client, installed below `directory` unless it is there.
 * @throws {IndexUnreachable} when it would have to be installed and cannot be.
 */
export function clientPrograms(client: Client, directory: string): string {
  const { folder, requirement } = clients[client];
  const environment = join(directory, folder);
  const programs = join(environment, "bin");
  const ready = join(environment, ".ready");
  if (existsSync(ready)) return programs;
  mkdirSync(directory, { recursive: true });
  const made = spawnSync("python3", ["-m", "venv", environment], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`python3 -m venv failed: ${made.stderr || made.stdout}`);
  pip(join(programs, "python"), "install", requirement, ...companions);
  writeFileSync(ready, "");
  return programs;
}

/** The version of a client as it says itself. */
export function clientVersion(client: Client, programs: string): string {
  const [name = ""] = client.split(" ");
  const { stdout } = spawnSync(join(programs, name), ["--version"], { encoding: "utf8" });
  return /\d+(\.\w+)+/.exec(stdout)?.[0] ?? "of unknown version";
}
