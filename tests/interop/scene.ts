import { join } from "node:path";
import { compareFacts } from "./compare_facts.ts";
import { HostApi } from "./host_api.ts";
import { knownDifferences } from "./known_differences.ts";
import { type ClientOptions, type Login, logRun, runClient } from "./official_client.ts";
import { ourSync } from "./our_sync.ts";
import { readFacts, runIds } from "./read_facts.ts";
import type { Scoreboard } from "./scoreboard.ts";

const script = join(import.meta.dirname ?? ".", "log_run.py");

/** One client at one host. */
export interface Scene {
  /** How lines of the report begin. */
  readonly name: string;
  /** A short word for names of projects and runs. */
  readonly word: string;
  /** Whether the client is of the old line, which resumes only live runs. */
  readonly old: boolean;
  readonly programs: string;
  /** Scratch folder of its own. */
  readonly directory: string;
  readonly login: Login;
  readonly board: Scoreboard;
}

function options(
  { programs, directory, login }: Scene,
  place: string,
  live: boolean,
): ClientOptions {
  return { programs, directory: join(directory, place), ...(live ? { login } : {}) };
}

/** A run logged live in two parts, then both directories ferried beside it. */
export async function liveScene(scene: Scene): Promise<void> {
  const { name, word, board } = scene;
  const project = `live-${word}`;
  const id = `live${word}`.padEnd(21, "0");
  const paths: string[] = [];
  for (const part of ["1", "2"]) {
    const what = part === "1" ? "logs a run live" : "resumes it live";
    const place = options(scene, "live", true);
    const path = await board.step(
      `${name} ${what}`,
      () => logRun(script, ["live", project, id, part], place),
    );
    if (path === undefined) return;
    paths.push(path);
  }
  await compareWithOurs(scene, `${name}, live`, project, paths);
}

/** Offline runs, sent by the official client and by ours. */
export async function offlineScene(scene: Scene): Promise<void> {
  const { name, word, board, old } = scene;
  const project = `offline-${word}`;
  const id = `offline${word}`.padEnd(21, "0");
  const paths: string[] = [];
  for (const part of old ? ["1"] : ["1", "2"]) {
    const path = await board.step(`${name} logs part ${part} offline, and syncs it`, async () => {
      const place = options(scene, "offline", false);
      const directory = await logRun(script, ["offline", project, id, part], place);
      const words = ["swanlab", "sync", directory, "-p", project].concat(old ? [] : ["--id", id]);
      const { login } = scene;
      const how = ["-h", login.url, "-k", login.key, "-w", login.user];
      await runClient(["swanlab", ...words.slice(1), ...how], options(scene, "sync", true));
      return directory;
    });
    if (path === undefined) return;
    paths.push(path);
  }
  await compareWithOurs(scene, `${name}, offline`, project, paths);
}

async function compareWithOurs(
  { board, login, directory }: Scene,
  name: string,
  project: string,
  paths: readonly string[],
): Promise<void> {
  const beside = `${project}-ours`;
  const home = join(directory, "ours");
  const sync = await board.step(
    `${name}: ours ferries the same directories`,
    () => ourSync(paths, beside, login, home),
  );
  if (sync === undefined) return;
  await board.step(`${name}: a second sync sends nothing`, async () => {
    const { sent } = await ourSync(paths, beside, login, home);
    if (sent !== 0) throw new Error(`${sent} events were sent again`);
  });
  await board.step(`${name}: both states can be read`, async () => {
    const api = await HostApi.login(login.url, login.key);
    const theirIds = await runIds(api, login.user, project);
    const ourIds = await runIds(api, login.user, beside);
    if (theirIds.length !== 1) throw new Error(`the official client left ${theirIds.length} runs`);
    if (ourIds.length !== 1) throw new Error(`ours left ${ourIds.length} runs`);
    const theirs = await readFacts(api, login.user, project, theirIds[0] ?? "");
    const ours = await readFacts(api, login.user, beside, ourIds[0] ?? "");
    board.compared(name, compareFacts(theirs, ours, knownDifferences(name)));
  });
}
