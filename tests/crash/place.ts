import type { Buffer } from "node:buffer";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, join } from "node:path";
import { contentHash } from "../../src/archive/manifest.ts";
import { parseEntry } from "../../src/sync/journal_entry.ts";
import { verifyTar } from "../../src/archive/verify.ts";
import { type Finished, finished, start } from "../e2e/binary.ts";
import { key, openTestHost, projectOf, type TestHost, user } from "../faults/ferried_run.ts";
import { compareFacts } from "../interop/compare_facts.ts";
import { Facts } from "../interop/facts.ts";
import { type CrashPlan, planVariable } from "./crash_plan.ts";

/** When a program is to die, and of what. */
export type Death = Omit<CrashPlan, "limbo" | "log">;

/** What is ferried, how, and where to. */
export interface Journey {
  readonly command: readonly string[];
  readonly to: readonly ("archive" | "host")[];
  /** The run directory that is ferried; what happens to it happens to a copy. */
  readonly run: string;
}

/** Where a journey happens: a copy of the run, empty destinations, and an empty state directory. */
export class Place implements AsyncDisposable {
  /** What the host was asked. */
  readonly requests: string[] = [];
  readonly #directory: string;
  readonly journey: Journey;
  #host: TestHost | undefined;
  /** Where the program finds the host. */
  address = "";

  private constructor(directory: string, journey: Journey) {
    this.#directory = directory;
    this.journey = journey;
  }

  /** Opens one in a directory that is empty. */
  static async open(directory: string, journey: Journey): Promise<Place> {
    const place = new Place(directory, journey);
    for (const name of ["runs", "home", "limbo"]) mkdirSync(join(directory, name));
    cpSync(journey.run, place.run, { recursive: true, preserveTimestamps: true });
    if (!journey.to.includes("host")) return place;
    place.#host = await openTestHost(join(directory, "host"), {
      request({ method, path, body }): Buffer {
        place.requests.push(`${method} ${path}`);
        return body;
      },
    }, () => Date.now());
    place.address = place.#host.url;
    return place;
  }

  /** The copy of the run. */
  get run(): string {
    return join(this.#directory, "runs", basename(this.journey.run));
  }

  get archive(): string {
    return join(this.#directory, "archive");
  }

  /** Runs a program on it, which may have a plan when to die, to its end. */
  go(program: string, plan?: Death): Promise<Finished> {
    return finished(this.start(program, plan));
  }

  /** Starts a program on it. */
  start(program: string, plan?: Death): ChildProcess {
    const { command, to } = this.journey;
    const all = { ...plan, limbo: join(this.#directory, "limbo"), log: this.#log };
    return start([
      ...command,
      join(this.#directory, "runs"),
      ...["--state", this.#state],
      ...(to.includes("archive") ? ["--to", this.archive] : []),
      ...(to.includes("host") ? ["-h", this.address, "-k", key, "-w", user] : []),
      ...(to.includes("host") ? ["-p", projectOf(0)] : []),
    ], {
      program,
      cwd: this.#directory,
      environment: {
        HOME: join(this.#directory, "home"),
        ...(plan === undefined ? {} : { [planVariable]: JSON.stringify(all) }),
      },
    });
  }

  get #log(): string {
    return join(this.#directory, "changes");
  }

  /** Every change of the file system that programs with plans began. */
  get changes(): readonly string[] {
    const text = readFileSync(this.#log, "utf8").replaceAll(`${this.#directory}/`, "");
    return text.trimEnd().split("\n");
  }

  /** Resolves once the host has done everything that it was asked. */
  async settled(): Promise<void> {
    await this.#host?.settled();
  }

  /**
   * Everything that is there: at the host, in the archive, of the run, and what processes left that
   * were interrupted, as "leftovers".
   */
  async facts(): Promise<Facts> {
    const facts = await this.#host?.heldFacts(0) ?? new Facts();
    for (const name of filesBelow(this.archive)) {
      if (!name.endsWith(".tar")) facts.add("leftovers", name, "");
      else facts.add("archive", name, await contentOf(join(this.archive, name)));
    }
    for (const [name, hash] of this.#runs) facts.add("run directories", name, hash);
    for (const name of filesBelow(this.#state)) {
      // Whoever needs the lock of a dead process takes it.
      if (!/\.(jsonl|lock)$/.test(name)) facts.add("leftovers", name, "");
    }
    return facts;
  }

  /**
   * What is wrong at any moment: the run directory is there in part under its name, or nowhere as a
   * whole and the archive does not have it either.
   */
  async losses(expected: Facts): Promise<readonly string[]> {
    const whole = [...hashesBelow(this.journey.run)];
    const found = this.#runs;
    const name = basename(this.journey.run);
    const missing = whole.filter(([file, hash]) => found.get(join("runs", name, file)) !== hash);
    const isThere = existsSync(this.run);
    if (missing.length === 0) return [];
    if (isThere) return missing.map(([file]) => `of the run directory, ${file} is missing`);
    const elsewhere = new Set(found.values());
    if (whole.every(([, hash]) => elsewhere.has(hash))) return [];
    const facts = await this.facts();
    return [...expected.group("archive")]
      .filter(([tar, content]) => facts.group("archive").get(tar) !== content)
      .map(([tar]) => `the run directory is gone, and ${tar} is not as it should be`);
  }

  /** Everything where the runs are, and where they may be moved to. */
  get #runs(): ReadonlyMap<string, string> {
    const all = ["runs", "trash"].flatMap((folder) =>
      [...hashesBelow(join(this.#directory, folder))]
        .map(([name, hash]) => [join(folder, name), hash] as const)
    );
    return new Map(all);
  }

  get #state(): string {
    return join(this.#directory, "state");
  }

  /** The type of the last entry of each journal; "" where there is none. */
  get journals(): readonly string[] {
    return filesBelow(this.#state).filter((name) => name.endsWith(".jsonl")).map((name) => {
      const line = readFileSync(join(this.#state, name), "utf8").trimEnd().split("\n").at(-1) ?? "";
      const entry = parseEntry(line);
      return typeof entry === "string" ? "" : entry.type;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host?.[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true });
  }
}

/** Every difference between what is there and what should be, one line each. */
export function differences(expected: Facts, found: Facts): readonly string[] {
  return compareFacts(expected, found, []).flatMap(({ group, differences }) =>
    differences.map(({ name, theirs, ours }) => `${group}, ${name}: ${theirs} became ${ours}`)
  );
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile()).sort();
}

/** SHA-256 by path. */
function hashesBelow(folder: string): ReadonlyMap<string, string> {
  return new Map(
    filesBelow(folder).map((name) => {
      const hash = createHash("sha256").update(readFileSync(join(folder, name))).digest("hex");
      return [name, hash];
    }),
  );
}

/** What a tar holds, and what is wrong with it. */
async function contentOf(path: string): Promise<string> {
  const { manifest, differences } = await verifyTar(path);
  return [manifest === undefined ? "" : contentHash(manifest), ...differences].join(" ");
}
