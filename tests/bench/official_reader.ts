import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The newest clients whose own Python reader reads a log, and how. */
const clients = {
  wandb: { requirement: "wandb==0.28.2", script: "tests/bench/read_wandb.py" },
  swanlab: { requirement: "swanlab==0.10.3", script: "tests/bench/read_swanlab.py" },
} as const;

/** A tracker whose client has a reader. */
export type Tracker = keyof typeof clients;

function succeeds(program: string, ...options: readonly string[]): boolean {
  return spawnSync(program, options, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

/**
 * Installs a client into an environment of its own below `directory`, unless it is there; returns
 * the command that decodes a log with it, or undefined where Python or the network is missing.
 */
export function officialReader(
  tracker: Tracker,
  directory: string,
): ((log: string) => readonly string[]) | undefined {
  const { requirement, script } = clients[tracker];
  const environment = join(directory, requirement);
  const python = join(environment, "bin", "python");
  const ready = existsSync(join(environment, "ready")) ||
    succeeds("python3", "-m", "venv", environment) &&
      succeeds(python, "-m", "pip", "install", "--quiet", requirement) &&
      succeeds("touch", join(environment, "ready"));
  return ready ? (log) => [python, script, log] : undefined;
}
