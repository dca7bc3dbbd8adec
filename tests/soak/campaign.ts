import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Dice } from "../generate/dice.ts";
import { readFacts, runIds } from "../interop/read_facts.ts";
import { Commands, type Running } from "./commands.ts";
import { Diary } from "./diary.ts";
import type { GrowingPart } from "./growing_part.ts";
import { MortalHost } from "./mortal_host.ts";
import { lastOutcomes } from "./last_outcomes.ts";
import { wrongAtHost, wrongInArchive } from "./oracle.ts";
import { Programs } from "./programs.ts";
import { openTrouble, type Trouble } from "./trouble.ts";

const project = "parts";
/** What a campaign is like. */
export interface CampaignOptions {
  /** An empty folder; kept as evidence when something is wrong. */
  readonly directory: string;
  readonly seed: number;
  /** When the trouble ends, in ms of `performance.now`; never by the clock without it. */
  readonly until?: number;
  /** After how much that happened the trouble ends. */
  readonly turns?: number;
  /** How many ms at its end everything, or some of it, stands still; not at all without it. */
  readonly halt?: number;
  /** How many runs there are at most; each has up to four parts. */
  readonly runs: number;
}

/** One campaign: trouble of every kind, then peace, and the question whether all is there once. */
export class Campaign {
  readonly #dice: Dice;
  readonly #options: CampaignOptions;
  readonly #host: MortalHost;
  readonly #commands: Commands;
  readonly #diary: Diary;
  readonly #programs: Programs;
  readonly #problems: string[] = [];
  /** Run directories that cannot arrive as a whole, for good reason. */
  #outdone: ReadonlySet<string> = new Set();

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#dice = new Dice(options.seed);
    this.#host = new MortalHost(join(options.directory, "store"));
    this.#commands = new Commands(options.directory);
    this.#diary = new Diary(join(options.directory, "diary.txt"));
    this.#programs = new Programs(options.directory, this.#dice, this.#diary);
  }

  /** Plays it; resolves to what happened and what is wrong. */
  async play(): Promise<
    { readonly counts: Diary["counts"]; readonly problems: readonly string[] }
  > {
    await using host = this.#host;
    await host.start();
    await using trouble = await openTrouble(host.url, this.#options.seed);
    try {
      const { until = Infinity, turns = Infinity } = this.#options;
      for (let turn = 0; turn < turns && performance.now() < until && this.#isFine(); turn++) {
        await this.#turn(trouble);
      }
      if (this.#options.halt !== undefined) await this.#halt(trouble, this.#options.halt);
      if (this.#isFine()) await this.#peace(trouble);
      for (const [fault, count] of trouble.broken) this.#diary.count(`fault ${fault}`, count);
      this.#diary.count("requests", trouble.proxy.requests.length);
    } finally {
      await this.#commands.killAll();
    }
    for (const [code, count] of this.#commands.codes) this.#diary.count(code, count);
    return {
      counts: this.#diary.counts,
      problems: [...this.#problems, ...this.#commands.problems],
    };
  }

  #isFine(): boolean {
    return this.#problems.length + this.#commands.problems.length === 0;
  }

  /** Something happens. */
  async #turn(trouble: Trouble): Promise<void> {
    const happenings: readonly [number, string, () => void | Promise<void>][] = [
      [40, "grow", (): void => this.#programs.grow()],
      [6, "begin", (): void => this.#programs.begin(this.#options.runs)],
      [6, "resume", (): void => this.#programs.resume()],
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
      [2, "late file", (): void => this.#programs.addLateFile()],
      [2, "copy", (): void => this.#programs.copy()],
      [2, "faults", (): void => void (trouble.share = this.#dice.pick([0, 0.02, 0.1, 0.3]))],
      [4, "restore", (): Promise<void> => trouble.proxy.restore()],
    ];
    let at = this.#dice.below(happenings.reduce((sum, [weight]) => sum + weight, 0));
    const [, name = "", happen] = happenings.find(([weight]) => (at -= weight) < 0) ?? [];
    this.#diary.count(name);
    if (name !== "grow") this.#diary.tell(name);
    await happen?.();
    await pause(this.#dice.below(120));
    await this.#lookForGone();
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
    this.#diary.tell(`${child.pid}: ${words.join(" ")}`);
    void ended.then(({ code }) => this.#diary.tell(`${child.pid} ended with ${code}`));
  }

  #signal(signal: NodeJS.Signals): void {
    const running = [...this.#commands.running];
    if (running.length === 0) return;
    const command = this.#dice.pick(running);
    this.#diary.tell(`${signal} for ${command.child.pid}`);
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

  /** The host, or commands, or both stand still for long; others begin meanwhile. */
  async #halt(trouble: Trouble, ms: number): Promise<void> {
    this.#diary.count("long halts");
    this.#sync(trouble);
    await pause(this.#dice.below(500));
    if (this.#dice.below(2) === 0) this.#host.signal("SIGSTOP");
    for (const command of this.#commands.running) {
      if (this.#dice.below(3) > 0) this.#commands.signal(command, "SIGSTOP");
    }
    this.#diary.tell("a long halt");
    await pause(ms / 2);
    this.#sync(trouble);
    await pause(ms / 2);
    this.#host.signal("SIGCONT");
    this.#continueAll();
  }

  /** A run directory that is gone has to be everywhere. */
  async #lookForGone(): Promise<void> {
    for (const parts of this.#programs.runs) {
      for (const part of parts) {
        if (part.isGone || part.isThere) continue;
        part.isGone = true;
        this.#diary.count("deleted");
        this.#diary.tell(`gone: ${part.path}`);
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
    this.#diary.tell("peace");
    trouble.share = 0;
    await trouble.proxy.restore();
    await this.#host.start();
    this.#host.signal("SIGCONT");
    this.#continueAll();
    for (const part of this.#programs.parts) part.grow(Infinity);
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
    if (this.#programs.parts.every(({ isThere }) => !isThere)) return;
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
    if (this.#programs.parts.every(({ isThere }) => !isThere)) return;
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
    for (const { part, path, isThere } of this.#programs.parts) {
      if (!isThere || part.ended === false || this.#outdone.has(path)) continue;
      const about = stdout.split("\n").find((line) => line.includes(JSON.stringify(path)));
      this.#problems.push(`${path} was kept: ${about}`);
    }
  }

  async #examineAll(trouble: Trouble): Promise<void> {
    for (const parts of this.#programs.runs) await this.#examine(parts);
    if (this.#programs.runs.length === 0) return;
    const ids = await runIds(await this.#host.api(), this.#host.user, project);
    if (ids.length !== this.#programs.runs.length) {
      this.#problems.push(
        `${ids.length} runs at the host for ${this.#programs.runs.length}: ${ids.join(" ")}`,
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
