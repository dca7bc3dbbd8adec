import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Dice } from "../generate/dice.ts";
import type { RunPart } from "../generate/run_part.ts";
import { readFacts, runIds } from "../interop/read_facts.ts";
import { Commands, type Running } from "./commands.ts";
import { GrowingPart } from "./growing_part.ts";
import { MortalHost } from "./mortal_host.ts";
import { lastOutcomes } from "./last_outcomes.ts";
import { wrongAtHost, wrongInArchive } from "./oracle.ts";
import { openTrouble, type Trouble } from "./trouble.ts";

const project = "parts";
/** ms since epoch, when the first run of a campaign starts. */
const firstStart = 1_700_000_000_000;

/** What happened in a campaign. */
export interface Counts {
  readonly [what: string]: number;
}

/** What a campaign is like. */
export interface CampaignOptions {
  /** An empty folder; kept as evidence when something is wrong. */
  readonly directory: string;
  readonly seed: number;
  /** When the trouble ends, in ms of `performance.now`; never by the clock without it. */
  readonly until?: number;
  /** After how much that happened the trouble ends. */
  readonly turns?: number;
  /** How many runs there are at most; each has up to four parts. */
  readonly runs: number;
}

/** One campaign: trouble of every kind, then peace, and the question whether all is there once. */
export class Campaign {
  readonly #dice: Dice;
  readonly #options: CampaignOptions;
  readonly #host: MortalHost;
  readonly #commands: Commands;
  /** The parts of each run, in order of start. */
  readonly #runs: GrowingPart[][] = [];
  readonly #counts = new Map<string, number>();
  readonly #problems: string[] = [];
  #parts = 0;
  #copies = 0;
  /** Run directories that cannot arrive as a whole, for good reason. */
  #outdone: ReadonlySet<string> = new Set();

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#dice = new Dice(options.seed);
    this.#host = new MortalHost(join(options.directory, "store"));
    this.#commands = new Commands(options.directory);
    for (const name of ["runs", "backstage"]) mkdirSync(join(options.directory, name));
  }

  /** Plays it; resolves to what happened and what is wrong. */
  async play(): Promise<{ readonly counts: Counts; readonly problems: readonly string[] }> {
    await using host = this.#host;
    await host.start();
    await using trouble = await openTrouble(host.url, this.#options.seed);
    try {
      const { until = Infinity, turns = Infinity } = this.#options;
      for (let turn = 0; turn < turns && performance.now() < until && this.#isFine(); turn++) {
        await this.#turn(trouble);
      }
      if (this.#isFine()) await this.#peace(trouble);
      for (const [fault, count] of trouble.broken) this.#count(`fault ${fault}`, count);
      this.#count("requests", trouble.proxy.requests.length);
    } finally {
      await this.#commands.killAll();
    }
    for (const [code, count] of this.#commands.codes) this.#count(code, count);
    return {
      counts: Object.fromEntries([...this.#counts].sort()),
      problems: [...this.#problems, ...this.#commands.problems],
    };
  }

  #isFine(): boolean {
    return this.#problems.length + this.#commands.problems.length === 0;
  }

  #count(what: string, count: number = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  #tell(text: string): void {
    appendFileSync(
      join(this.#options.directory, "diary.txt"),
      `${new Date().toISOString()} ${text}\n`,
    );
  }

  /** Something happens. */
  async #turn(trouble: Trouble): Promise<void> {
    const happenings: readonly [number, string, () => void | Promise<void>][] = [
      [40, "grow", (): void => this.#grow()],
      [6, "begin", (): void => this.#begin()],
      [6, "resume", (): void => this.#resume()],
      [10, "sync", (): void => this.#sync(trouble)],
      [3, "watch", (): void => this.#watch(trouble)],
      [5, "SIGKILL", (): void => this.#signal("SIGKILL")],
      [2, "SIGTERM", (): void => this.#signal("SIGTERM")],
      [1, "SIGINT", (): void => this.#signal("SIGINT")],
      [3, "SIGSTOP", (): void => this.#signal("SIGSTOP")],
      [6, "SIGCONT", (): void => this.#continueAll()],
      [1, "host killed", (): Promise<void> => this.#restart("SIGKILL")],
      [1, "host ended", (): Promise<void> => this.#restart("SIGTERM")],
      [1, "host stopped", (): void => this.#host.signal("SIGSTOP")],
      [3, "host goes on", (): void => this.#host.signal("SIGCONT")],
      [1, "power cut", (): Promise<void> => this.#powerCut()],
      [2, "late file", (): void => this.#lateFile()],
      [2, "copy", (): void => this.#copy()],
      [2, "faults", (): void => void (trouble.share = this.#dice.pick([0, 0.02, 0.1, 0.3]))],
      [4, "restore", (): Promise<void> => trouble.proxy.restore()],
    ];
    let at = this.#dice.below(happenings.reduce((sum, [weight]) => sum + weight, 0));
    const [, name = "", happen] = happenings.find(([weight]) => (at -= weight) < 0) ?? [];
    this.#count(name);
    if (name !== "grow") this.#tell(name);
    await happen?.();
    await pause(this.#dice.below(120));
    await this.#lookForGone();
  }

  get #allParts(): readonly GrowingPart[] {
    return this.#runs.flat();
  }

  #grow(): void {
    const growing = this.#allParts.filter(({ isOver }) => !isOver);
    if (growing.length === 0) return;
    const part = this.#dice.pick(growing);
    part.grow(this.#dice.below(6000));
    if (part.isOver) this.#tell(`over: ${part.path}`);
  }

  #begin(): void {
    if (
      this.#runs.length >= this.#options.runs ||
      this.#allParts.filter(({ isOver }) => !isOver).length > 5
    ) return;
    const tracker = this.#dice.pick(["wandb", "swanlab"] as const);
    const id = `${tracker[0]}${String(this.#runs.length).padStart(7, "0")}`;
    this.#runs.push([this.#newPart({ tracker, id, steps: [0, 50 + this.#dice.below(300)] })]);
  }

  /** A run goes on in a directory of its own. */
  #resume(): void {
    const over = this.#runs.filter((parts) => parts.length < 4 && parts.at(-1)?.isOver === true);
    if (over.length === 0) return;
    const parts = this.#dice.pick(over);
    const before = parts.at(-1)?.part;
    if (before === undefined) return;
    const { tracker, id, steps: [, last] } = before;
    const back = this.#dice.pick([0, 0, 20]);
    // W&B begins at 0 again when it is offline.
    const first = tracker === "wandb" ? 0 : Math.max(0, last + 1 - back);
    parts.push(this.#newPart({ tracker, id, steps: [first, first + 50 + this.#dice.below(300)] }));
  }

  #newPart(part: Pick<RunPart, "tracker" | "id" | "steps">): GrowingPart {
    const number = ++this.#parts;
    const { directory } = this.#options;
    const whole: RunPart = {
      ...part,
      directory: join(directory, "runs"),
      startedAt: firstStart + number * 3_600_000,
      loss: number,
    };
    const killed = this.#dice.below(4) === 0;
    this.#count(killed ? "parts to be killed" : "parts");
    const growing = new GrowingPart(join(directory, "backstage"), whole, killed);
    this.#tell(`new: ${growing.path} ${growing.part.steps.join()} ${killed ? "killed" : "ends"}`);
    return growing;
  }

  #places(trouble: Trouble): readonly string[] {
    const { directory } = this.#options;
    return [join(directory, "runs"), "--to", `${trouble.url}/@${this.#host.user}/${project}`]
      .concat(["-k", this.#host.key, "--state", join(directory, "state")]);
  }

  #archive(): readonly string[] {
    return ["--to", join(this.#options.directory, "archive")];
  }

  #sync(trouble: Trouble): void {
    if (this.#commands.running.size > 2) return;
    const words = ["sync", ...this.#places(trouble), ...this.#archive()];
    if (this.#dice.below(2) === 0) words.push("--clean", "--min-age", "0s");
    if (words.includes("--clean") && this.#dice.below(4) === 0) {
      words.push("--trash", join(this.#options.directory, "trash"));
    }
    if (this.#dice.below(8) === 0) words.push("--recheck");
    if (this.#dice.below(4) === 0) words.push("-j", "6");
    this.#started(this.#commands.start(words));
  }

  #watch(trouble: Trouble): void {
    if ([...this.#commands.running].some(({ isWatch }) => isWatch)) return;
    const archive = this.#dice.below(3) === 0 ? this.#archive() : [];
    this.#started(this.#commands.start(["watch", ...this.#places(trouble), ...archive]));
  }

  #started({ child, words, ended }: Running): void {
    this.#tell(`${child.pid}: ${words.join(" ")}`);
    void ended.then(({ code }) => this.#tell(`${child.pid} ended with ${code}`));
  }

  #signal(signal: NodeJS.Signals): void {
    const running = [...this.#commands.running];
    if (running.length === 0) return;
    const command = this.#dice.pick(running);
    this.#tell(`${signal} for ${command.child.pid}`);
    this.#commands.signal(command, signal);
  }

  #continueAll(): void {
    for (const { child } of this.#commands.running) child.kill("SIGCONT");
  }

  async #restart(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    await this.#host.end(signal);
    await this.#host.start();
  }

  async #powerCut(): Promise<void> {
    await this.#commands.killAll();
    await this.#restart("SIGKILL");
  }

  /** Somebody puts a file into a run directory whose run has ended. */
  #lateFile(): void {
    const there = this.#allParts.filter(({ isOver, isThere }) => isOver && isThere);
    if (there.length === 0) return;
    const part = this.#dice.pick(there);
    if (part.addLateFile()) this.#tell(`late file: ${part.path}`);
  }

  /** Somebody copies a run directory whose program is gone, and leaves both as they are. */
  #copy(): void {
    const there = this.#allParts.filter(({ isOver, isThere, lateFiles }) =>
      isOver && isThere && lateFiles.length === 0
    );
    if (there.length === 0) return;
    const part = this.#dice.pick(there);
    part.copyTo(join(this.#options.directory, "runs", `copies-${this.#copies++}`));
    this.#tell(`copied: ${part.path}`);
  }

  /** A run directory that is gone has to be everywhere. */
  async #lookForGone(): Promise<void> {
    for (const parts of this.#runs) {
      for (const part of parts) {
        if (part.isGone || part.isThere) continue;
        part.isGone = true;
        this.#count("deleted");
        this.#tell(`gone: ${part.path}`);
        if (!part.isOver || part.part.ended === false) {
          this.#problems.push(`${part.path} is gone unended`);
        }
        await this.#examine(parts, part);
      }
    }
  }

  async #examine(parts: readonly GrowingPart[], only?: GrowingPart): Promise<void> {
    const problems: string[] = [];
    for (const part of only === undefined ? parts : [only]) {
      problems.push(...await wrongInArchive(join(this.#options.directory, "archive"), part));
    }
    const api = await this.#host.api();
    const id = parts[0]?.part.id ?? "";
    const remote = this.#commands.remotes.get(id) ?? id;
    const facts = await readFacts(api, this.#host.user, project, remote);
    problems.push(...wrongAtHost(facts, parts, only));
    const about = (only === undefined ? parts : [only]).map(({ path }) => path).join(", ");
    this.#problems.push(...problems.map((problem) => `${about}: ${problem}`));
  }

  /** No more trouble: all is ferried, examined, deleted and examined again. */
  async #peace(trouble: Trouble): Promise<void> {
    this.#tell("peace");
    trouble.share = 0;
    await trouble.proxy.restore();
    await this.#host.start();
    this.#host.signal("SIGCONT");
    this.#continueAll();
    for (const part of this.#allParts) part.grow(Infinity);
    for (const command of this.#commands.running) {
      if (command.isWatch) this.#commands.signal(command, "SIGTERM");
    }
    await Promise.all([...this.#commands.running].map(({ ended }) => ended));
    await this.#lookForGone();
    await this.#syncAll(trouble);
    await this.#examineAll(trouble);
    await this.#cleanAll(trouble);
    await this.#examineAll(trouble);
  }

  async #syncAll(trouble: Trouble): Promise<void> {
    if (this.#allParts.every(({ isThere }) => !isThere)) return;
    const command = this.#commands.start(["sync", ...this.#places(trouble), ...this.#archive()]);
    this.#started(command);
    const { code, stdout } = await command.ended;
    const { problems, outdone } = lastOutcomes(stdout);
    this.#outdone = outdone;
    this.#problems.push(...problems.map((line) => `the last sync: ${line}`));
    if (code !== 0 && !(code === 3 && outdone.size > 0)) {
      this.#problems.push(`the last sync ended with ${code}`);
    }
  }

  async #cleanAll(trouble: Trouble): Promise<void> {
    if (this.#allParts.every(({ isThere }) => !isThere)) return;
    const words = [
      "clean",
      ...this.#places(trouble),
      ...this.#archive(),
      "--min-age",
      "0s",
      "--yes",
    ];
    const command = this.#commands.start(words);
    this.#started(command);
    const { code, stdout } = await command.ended;
    writeFileSync(join(this.#options.directory, "clean.jsonl"), stdout);
    if (code !== 0) this.#problems.push(`clean ended with ${code}`);
    await this.#lookForGone();
    for (const { part, path, isThere } of this.#allParts) {
      if (!isThere || part.ended === false || this.#outdone.has(path)) continue;
      const about = stdout.split("\n").find((line) => line.includes(JSON.stringify(path)));
      this.#problems.push(`${path} was kept: ${about}`);
    }
  }

  async #examineAll(trouble: Trouble): Promise<void> {
    for (const parts of this.#runs) await this.#examine(parts);
    if (this.#runs.length === 0) return;
    const ids = await runIds(await this.#host.api(), this.#host.user, project);
    if (ids.length !== this.#runs.length) {
      this.#problems.push(
        `${ids.length} runs at the host for ${this.#runs.length}: ${ids.join(" ")}`,
      );
    }
    for (const id of ids) {
      for (const [place, count] of trouble.ledger.doubled(id)) {
        this.#problems.push(`${id}: ${place} was taken ${count} times`);
      }
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
