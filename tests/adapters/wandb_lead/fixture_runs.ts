import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Context, RunReader } from "../../../src/adapter.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { testContext } from "../../contract/context.ts";
import { readAll, recognised, withReader } from "../../contract/source_subject.ts";
import { wandb } from "./subject.ts";

/** A record of the log as the client's own protobuf classes print it. */
// deno-lint-ignore no-explicit-any
export type LogRecord = any;
/** What the fixtures' program noted while it logged. */
// deno-lint-ignore no-explicit-any
export type Truth = any;

/** A run directory that a real client wrote, with what is known of it. */
export interface FixtureRun {
  /** "0.31.0/resume 2". */
  readonly title: string;
  /** Version of the client, with a mark for the way it was told to write. */
  readonly label: string;
  readonly fixture: string;
  readonly directory: string;
  /** How an official reader got on with the log. */
  readonly oracle: { readonly error: string | null; readonly wandb_bytes: number };
  readonly truth: Truth;
  /** Folders outside the run directory: name here, and absolute path on the machine of the run. */
  readonly external: { readonly [name: string]: { readonly original: string } };
}

const root = "tests/fixtures/wandb";
const apart: readonly string[] = ["damaged", "damaged-shifted", "edges", "README.md"];

/** Every run that a real client wrote, all versions and cases. */
export const fixtureRuns: readonly FixtureRun[] = readdirSync(root)
  .filter((label) => !apart.includes(label))
  .sort()
  .flatMap((label) => readdirSync(join(root, label)).sort().flatMap((name) => runsOf(label, name)));

function runsOf(label: string, name: string): readonly FixtureRun[] {
  const fixture = join(root, label, name);
  const { runs, oracle, external } = JSON.parse(readFileSync(join(fixture, "truth.json"), "utf8"));
  return runs.map((truth: Truth, at: number): FixtureRun => ({
    title: `${label}/${name}${runs.length === 1 ? "" : ` ${at + 1}`}`,
    label,
    fixture,
    directory: join(fixture, truth.dir),
    oracle: oracle[at],
    truth,
    external,
  }));
}

/** The run of one case, the first one of several. */
export function fixtureRun(title: string): FixtureRun {
  const run = fixtureRuns.find((candidate) => candidate.title === title);
  if (run === undefined) throw new Error(`there is no fixture ${title}`);
  return run;
}

/** The records of a run's log, in order. */
export function recordsOf(run: FixtureRun): readonly LogRecord[] {
  const part = / (\d)$/.exec(run.title)?.[1];
  const path = join(run.fixture, `records${part === undefined ? "" : `-${part}`}.jsonl`);
  const text = existsSync(path)
    ? readFileSync(path, "utf8")
    : gunzipSync(readFileSync(`${path}.gz`)).toString("utf8");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** The only run at a path, open. */
export async function opened<Result>(
  path: string,
  use: (reader: RunReader) => Promise<Result>,
  context: Context = testContext(),
): Promise<Result> {
  const refs = await recognised(wandb, path);
  const [ref] = refs;
  if (ref === undefined || refs.length > 1) throw new Error(`${refs.length} runs at ${path}`);
  return await withReader(wandb, ref, use, context);
}

/** What reading a run to its end gives. */
export interface Reading {
  readonly events: readonly RunEvent[];
  readonly tail: RunReader["tail"];
  readonly info: RunReader["info"];
}

/** Opens the only run at a path and reads it to its end. */
export function readRun(path: string, context: Context = testContext()): Promise<Reading> {
  return opened(path, async (reader) => {
    const events = await readAll(reader);
    return { events, tail: reader.tail, info: reader.info };
  }, context);
}

/** The events of one type. */
export function eventsOf<Type extends RunEvent["type"]>(
  events: readonly RunEvent[],
  type: Type,
): readonly Extract<RunEvent, { readonly type: Type }>[] {
  return events.filter((event): event is Extract<RunEvent, { readonly type: Type }> =>
    event.type === type
  );
}
