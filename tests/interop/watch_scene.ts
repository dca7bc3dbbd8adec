import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { type Finished, finished, run, start } from "../e2e/binary.ts";
import { compareFacts, type GroupResult } from "./compare_facts.ts";
import type { Facts } from "./facts.ts";
import { HostApi, NotThere } from "./host_api.ts";
import { itemsAt, textAt } from "./json_path.ts";
import { type Login, startClient } from "./official_client.ts";
import { ourSync } from "./our_sync.ts";
import { readFacts, runIds } from "./read_facts.ts";
import type { Scoreboard } from "./scoreboard.ts";

const script = join(import.meta.dirname ?? ".", "log_slowly.py");
/** Rows a second: clients write in blocks, of which some are to be full before the end. */
const rate = 5;
const keys = 100;
/** ms until what is not there is taken for lost. */
const patience = 20_000;
const asking = 100;

/** A client that logs slowly, and how it ends. */
interface Logger {
  readonly name: string;
  readonly how: "end" | "hang";
  readonly project: string;
  readonly place: string;
  readonly child: ChildProcess;
  readonly ended: Promise<Finished>;
  /** Resolves when it has logged its last row. */
  readonly logged: Promise<void>;
}

/** A client and where its programs are. */
export interface WatchedClient {
  readonly tracker: string;
  readonly version: string;
  readonly programs: string;
}

/** What a watch of clients at work is played with. */
export interface WatchScene {
  readonly clients: readonly WatchedClient[];
  /** Scratch folder of its own. */
  readonly directory: string;
  readonly login: Login;
  readonly board: Scoreboard;
  /** How long each client logs. */
  readonly seconds: number;
}

/** Clients that log slowly while `runferry watch` follows them; half of them are killed. */
export async function watchScene(scene: WatchScene): Promise<void> {
  const { directory, login, board } = scene;
  const runs = join(directory, "slow");
  const loggers = scene.clients.flatMap((client) => [
    startLogger(scene, runs, client, "end"),
    startLogger(scene, runs, client, "hang"),
  ]);
  const watching = start(["watch", runs, ...goal(login), "--idle", "9d"], { cwd: directory });
  const watched = finished(watching);
  const api = await HostApi.login(login.url, login.key);
  try {
    await Promise.all(loggers.map((logger) => followed(scene, api, logger)));
    await board.step("watch: SIGTERM ends it with 0", async () => {
      watching.kill("SIGTERM");
      const { code, stderr } = await watched;
      if (code !== 0) throw new Error(`it ended with ${code}: ${stderr}`);
    });
    await finishStale(scene, runs, api, loggers.filter(({ how }) => how === "hang"));
  } finally {
    watching.kill("SIGKILL");
    for (const { child } of loggers) kill(child);
  }
}

function goal({ url, key, user }: Login): readonly string[] {
  return ["-h", url, "-k", key, "-w", user];
}

function startLogger(
  { seconds }: WatchScene,
  runs: string,
  { tracker, version, programs }: WatchedClient,
  how: Logger["how"],
): Logger {
  const word = `${tracker}${version.replaceAll(".", "")}${how}`;
  const place = join(runs, word);
  const steps = String(seconds * rate);
  const words = [script, tracker, word, word.padEnd(21, "0"), steps, String(seconds), how] as const;
  const child = startClient(["python", ...words], { programs, directory: place });
  const logged = new Promise<void>((resolve) => {
    let printed = "";
    child.stdout?.on("data", (chunk: Uint8Array) => {
      printed += new TextDecoder().decode(chunk);
      if (printed.includes("all is logged")) resolve();
    });
  });
  const name = `watch: ${tracker} ${version}, ${how === "end" ? "ended" : "killed"}`;
  return { name, how, project: word, place, child, logged, ended: finished(child) };
}

/** Kills a client with all that it started. */
function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
}

/** One client until all that it left is at the host. */
async function followed(scene: WatchScene, api: HostApi, logger: Logger): Promise<void> {
  const { board, login: { user }, seconds } = scene;
  const { name, how, child, ended, logged, project } = logger;
  const isLive = await board.step(`${name}: points show while it logs`, async () => {
    const early = ended.then(({ code, stderr }) => {
      throw new Error(`it ended with ${code} before any point: ${stderr}`);
    });
    await Promise.race([until("no point", () => hasPoints(api, user, project)), early]);
    return true;
  });
  if (isLive === undefined) return;
  await Promise.race([logged, ended]);
  if (how === "hang") kill(child);
  await ended;
  if (how === "end") {
    await board.step(`${name}: the run is finished, and every point is there`, async () => {
      await until("not finished", async () => await stateOf(api, user, project) === "FINISHED");
      expectAll(await factsOf(api, user, project), seconds * rate);
    });
  }
  await board.step(
    `${name}: what reached the disk is there`,
    () => compareWithOurs(scene, api, logger),
  );
}

/** Compares the points that the watch delivered with those that a sync reads in the directory. */
async function compareWithOurs(
  { login, directory, board }: WatchScene,
  api: HostApi,
  { name, project, place }: Logger,
): Promise<void> {
  const { user } = login;
  const beside = `${project}-ours`;
  await ourSync([place], beside, login, join(directory, "ours", project));
  const ours = await factsOf(api, user, beside);
  const compare = async (): Promise<readonly GroupResult[]> =>
    compareFacts(ours, await factsOf(api, user, project), [])
      .filter(({ group }) => group.startsWith("scalar "));
  let results = await compare();
  const isSame = (): boolean => results.every(({ differences }) => differences.length === 0);
  // The last look at the log may still be to come.
  for (const end = Date.now() + patience; !isSame() && Date.now() < end;) {
    await setTimeout(asking);
    results = await compare();
  }
  const points = together(results, "points");
  if (points.facts < keys) throw new Error(`only ${points.facts} points`);
  board.compared(name, [points]);
}

/** Several groups as one. */
function together(results: readonly GroupResult[], group: string): GroupResult {
  return {
    group,
    facts: results.reduce((sum, { facts }) => sum + facts, 0),
    differences: results.flatMap(({ differences }) => differences),
    known: new Set(),
  };
}

/** Marks what the killed clients left, which nobody did before. */
async function finishStale(
  { board, login, directory }: WatchScene,
  runs: string,
  api: HostApi,
  killed: readonly Logger[],
): Promise<void> {
  await board.step("watch: killed runs go on until --finish-stale", async () => {
    const states = (): Promise<readonly string[]> =>
      Promise.all(killed.map(({ project }) => stateOf(api, login.user, project)));
    const before = await states();
    if (before.some((state) => state !== "RUNNING")) throw new Error(`they are ${before.join()}`);
    const words = ["watch", runs, ...goal(login), "--once", "--idle", "1s", "--finish-stale"];
    const { code, stdout, stderr } = await run(words, { cwd: directory });
    if (code !== 0) throw new Error(`it ended with ${code}: ${stdout}${stderr}`);
    const after = await states();
    if (after.some((state) => state === "RUNNING")) throw new Error(`they are ${after.join()}`);
  });
  for (const { name, project } of killed) {
    await board.step(`${name}: then it is as a sync leaves it`, async () => {
      const ours = await factsOf(api, login.user, `${project}-ours`);
      const results = compareFacts(ours, await factsOf(api, login.user, project), []);
      board.compared(name, [together(results, "everything")]);
    });
  }
}

/** The id of the one run of a project; undefined before there is one. */
async function runOf(api: HostApi, user: string, project: string): Promise<string | undefined> {
  try {
    const [id] = await runIds(api, user, project);
    return id;
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    return undefined;
  }
}

async function hasPoints(api: HostApi, user: string, project: string): Promise<boolean> {
  const id = await runOf(api, user, project);
  if (id === undefined) return false;
  const columns = [{ experimentId: id, key: "slow/key 0" }];
  const list = await api.ask("/house/metrics/scalar/value", { columns, xType: "step" });
  return itemsAt({ list }, "list").length > 0;
}

async function stateOf(api: HostApi, user: string, project: string): Promise<string> {
  const id = await runOf(api, user, project) ?? "";
  return textAt(await api.ask(`/project/${user}/${project}/runs/${id}`), "state");
}

async function factsOf(api: HostApi, user: string, project: string): Promise<Facts> {
  return await readFacts(api, user, project, await runOf(api, user, project) ?? "");
}

/** @throws {Error} unless every key has every step. */
function expectAll(facts: Facts, steps: number): void {
  for (let key = 0; key < keys; key++) {
    const points = facts.group(`scalar slow/key ${key}`);
    for (let step = 0; step < steps; step++) {
      const [value = "nothing"] = points.get(`step ${step}`)?.split(" at ") ?? [];
      if (Number(value) !== step + key / 100) throw new Error(`key ${key} has ${value} at ${step}`);
    }
    if (points.size !== steps) throw new Error(`key ${key} has ${points.size} of ${steps} points`);
  }
}

/** Asks until it is so. */
async function until(otherwise: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + patience;
  while (!await isSo()) {
    if (Date.now() > end) throw new Error(`${otherwise} after ${patience / 1000} s`);
    await setTimeout(asking);
  }
}
