import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { run } from "../e2e/binary.ts";
import type { RunPart } from "../generate/run_part.ts";
import type { Facts } from "../interop/facts.ts";
import type { GrowingPart } from "./growing_part.ts";
import { linesOf, pointsOfRun } from "./truth.ts";

/**
 * What is wrong with what a host holds of a run, one line each.
 * @param parts of the run, in order of their start.
 * @param only the part of which everything has to be there, while others are still arriving.
 */
export function wrongAtHost(
  facts: Facts,
  parts: readonly GrowingPart[],
  only?: GrowingPart,
): readonly string[] {
  const all = parts.map(({ part }) => part);
  const wanted = only === undefined ? all : [only.part];
  const problems = twice(facts);
  const values = new Set(wanted.map(({ loss }) => loss));
  // What a later part logs again need not be there before that part is gone too.
  const coming = parts.slice(only === undefined ? parts.length : parts.indexOf(only) + 1)
    .filter(({ isThere }) => isThere).map(({ part }) => part.loss);
  for (const [key, steps] of pointsOfRun(all)) {
    const needed = [...steps].filter(([, logged]) =>
      [...logged].some((value) => values.has(value)) &&
      !coming.some((value) => logged.has(value))
    );
    problems.push(...wrongPoints(facts, key, needed));
    const { size } = facts.group(`scalar ${key}`);
    if (only === undefined && size !== steps.size) {
      problems.push(`${key}: ${size} points for ${steps.size}`);
    }
  }
  problems.push(...wrongLines(facts, wanted.flatMap(linesOf), only === undefined));
  if (facts.group("media seen").size === 0) problems.push("no picture");
  return problems.slice(0, 20);
}

function twice(facts: Facts): string[] {
  return facts.groups.flatMap((group) =>
    [...facts.group(group).keys()].filter((name) => name.endsWith("(again)"))
      .map((name) => `${group}: ${name}`)
  );
}

function wrongPoints(
  facts: Facts,
  key: string,
  steps: readonly (readonly [step: number, values: ReadonlySet<number>])[],
): readonly string[] {
  const held = facts.group(`scalar ${key}`);
  const problems: string[] = [];
  for (const [step, values] of steps) {
    const found = held.get(`step ${step}`)?.split(" ")[0];
    if (found === undefined || !values.has(Number(found))) {
      problems.push(`${key} at ${step}: ${found ?? "nothing"} for ${[...values].join(" or ")}`);
    }
  }
  return problems;
}

function wrongLines(facts: Facts, lines: readonly string[], whole: boolean): readonly string[] {
  const counts = new Map<string, number>();
  for (const statement of facts.group("console").values()) {
    const text: string = JSON.parse(/^\w+ ("(?:[^"\\]|\\.)*") at /.exec(statement)?.[1] ?? '""');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const problems = lines.filter((line) => counts.get(line) !== 1)
    .map((line) => `line "${line}" ${counts.get(line) ?? 0} times`);
  if (whole && counts.size !== lines.length) {
    problems.push(`${counts.size} lines for ${lines.length}`);
  }
  return problems;
}

/** What is wrong with what an archive holds of a part, one line each. */
export async function wrongInArchive(
  archive: string,
  part: GrowingPart,
): Promise<readonly string[]> {
  const name = basename(part.path);
  const tars = readdirSync(archive, { recursive: true, encoding: "utf8" })
    .filter((tar) => basename(tar).startsWith(name) && tar.endsWith(".tar")).toSorted();
  const wrong = new Map<string, readonly string[]>();
  for (const tar of tars) wrong.set(tar, await wrongInTar(join(archive, tar), part));
  const right = tars.filter((tar) => wrong.get(tar)?.length === 0);
  const [least = [`there is no tar of ${name}`]] = [...wrong.values()]
    .toSorted((left, right) => left.length - right.length);
  if (right.length === 0) return least;
  // What was taken before its log told the project lies elsewhere. A copy has a tar of its own where
  // it came before the end of the run itself, or at the same moment.
  const others = tars.filter((tar) => !right.includes(tar) && !tar.startsWith("uncategorized"));
  if (part.isCopied || right.length === 1 && others.length === 0) return [];
  return [`${tars.length} tars of ${name}: ${tars.join(", ")}`];
}

async function wrongInTar(
  tar: string,
  { part, lateFiles, isThere }: GrowingPart,
): Promise<readonly string[]> {
  const { stdout, code, stderr } = await run(["cat", tar]);
  if (code !== 0) return [`cat of ${tar} ended with ${code}: ${stderr}`];
  const problems = wrongEvents(stdout, part);
  if (isThere) return problems;
  const files = execFileSync("tar", ["-tf", tar], { encoding: "utf8" }).split("\n");
  const lost = lateFiles.filter((file) => !files.includes(`source/${file}`));
  return [...problems, ...lost.map((file) => `${file} is lost`)];
}

function wrongEvents(text: string, part: RunPart): readonly string[] {
  const problems: string[] = [];
  const own = pointsOfRun([part]);
  const found = new Map<string, number>();
  const lines: string[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const event = JSON.parse(line);
    if (event.type === "console") lines.push(String(event.text).trimEnd());
    if (event.type !== "history") continue;
    for (const [key, value] of Object.entries(event.values)) {
      const place = `${key} at ${event.step}`;
      if (found.has(place)) problems.push(`${place} twice`);
      found.set(place, Number(value));
    }
  }
  for (const [key, steps] of own) {
    for (const step of steps.keys()) {
      const place = `${key} at ${step}`;
      if (found.get(place) !== part.loss) problems.push(`${place} is ${found.get(place)}`);
      found.delete(place);
    }
  }
  problems.push(...[...found.keys()].map((place) => `${place} was never logged`));
  const wanted = linesOf(part);
  if (lines.join("\n") !== wanted.join("\n")) {
    problems.push(`${lines.length} lines for ${wanted.length}`);
  }
  return problems.slice(0, 20);
}
