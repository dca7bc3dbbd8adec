/**
 * `npm run interop -- [--only TEXT] [--seconds N] [--keep]`: official clients against `runferry serve`, then our
 * own sync of the same runs, and whether both leave the same; and `runferry watch` over clients that
 * log for N seconds, some of which are killed. The clients are installed into a scratch folder, or
 * taken from the folder that RUNFERRY_VENVS names.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  type Client,
  clientPrograms,
  clientVersion,
  IndexUnreachable,
} from "./interop/environments.ts";
import { startHost } from "./interop/host_process.ts";
import { liveScene, offlineScene, type Scene } from "./interop/scene.ts";
import { Scoreboard } from "./interop/scoreboard.ts";
import { wandbScene } from "./interop/wandb_scene.ts";
import { watchScene } from "./interop/watch_scene.ts";

const clients: readonly Client[] = [
  "swanlab 0.7.20",
  "swanlab 0.9.7",
  "swanlab newest",
  "wandb newest",
];
const watched: readonly Client[] = ["swanlab 0.7.20", "swanlab newest", "wandb newest"];
const generations = { new: 1, old: 0 } as const;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    seconds: { type: "string", default: "15" },
    keep: { type: "boolean", default: false },
  },
});

/** Plays the scenes of one client at a host of each generation. */
async function play(client: Client, scratch: string, board: Scoreboard): Promise<void> {
  const programs = clientPrograms(client, process.env["RUNFERRY_VENVS"] ?? scratch);
  const version = clientVersion(client, programs);
  const [tracker = ""] = client.split(" ");
  for (const [generation, projectVersion] of Object.entries(generations)) {
    const name = `${tracker} ${version}, ${generation} host`;
    if (!name.includes(options.only)) continue;
    const word = `${version.replaceAll(".", "")}${generation}`;
    const directory = join(scratch, word);
    await using host = await startHost(join(directory, "store"), projectVersion);
    const old = version.startsWith("0.7.");
    const scene: Scene = { name, word, old, programs, directory, login: host.login, board };
    if (tracker === "wandb") {
      await wandbScene(scene);
      continue;
    }
    await liveScene(scene);
    await offlineScene(scene);
  }
}

/** Watches clients of every kind at work. */
async function playWatch(scratch: string, board: Scoreboard): Promise<void> {
  if (!"watch".includes(options.only)) return;
  const clients = watched.map((client) => {
    const programs = clientPrograms(client, process.env["RUNFERRY_VENVS"] ?? scratch);
    const [tracker = ""] = client.split(" ");
    return { tracker, version: clientVersion(client, programs), programs };
  });
  const directory = join(scratch, "watch");
  await using host = await startHost(join(directory, "store"), generations.new);
  const seconds = Number(options.seconds);
  await watchScene({ clients, directory, login: host.login, board, seconds });
}

const scratch = mkdtempSync(join(tmpdir(), "runferry-interop-"));
const board = new Scoreboard();
try {
  for (const client of clients) await play(client, scratch, board);
  await playWatch(scratch, board);
  board.close();
  process.exitCode = board.good ? 0 : 1;
} catch (error) {
  if (!(error instanceof IndexUnreachable)) throw error;
  process.stdout.write(`interop skipped: ${error.message}\n`);
} finally {
  if (!options.keep) rmSync(scratch, { recursive: true, force: true });
}
