import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LosslessObject, LosslessValue } from "../../src/codec/lossless_json.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { readJson } from "../adapters/wandb/fixture_runs.ts";
import { decoded, isPython } from "../adapters/wandb/truth_values.ts";
import { at, itemsAt, textAt } from "../interop/json_path.ts";
import { holdsMedia, isCut, type ScoredRun, truthList } from "./scored_run.ts";
import type { Scorecard } from "./scorecard.ts";
import { plainConfig } from "./stored_run.ts";

/** Who the run is, its configuration, its summary, where it ran, and how it ended. */
export function scoreProfile(run: ScoredRun, card: Scorecard): void {
  scoreIdentity(run, card);
  scoreConfig(run, card);
  scoreSummary(run, card);
  scoreEnvironment(run, card);
  scoreEnd(run, card);
}

function scoreIdentity({ parts, stored }: ScoredRun, card: Scorecard): void {
  const last = parts.at(-1);
  if (last === undefined || last.records.length === 0) return;
  const { truth } = last;
  const told = (name: string): LosslessValue => (truth[name] ?? "") as LosslessValue;
  const labels = itemsAt(stored.card, "labels").map((label) => textAt(label, "name"));
  card.equal("identity", "id", at(stored.card, "cuid"), told("run_id"));
  card.equal("identity", "name", at(stored.card, "name"), told("name") || told("run_id"));
  card.equal("identity", "notes", at(stored.card, "description"), told("notes"));
  card.equal("identity", "group", at(stored.card, "cluster"), told("group"));
  card.equal("identity", "job type", at(stored.card, "job"), told("job_type"));
  const tags = (truth["tags_final"] ?? truth["tags"] ?? []) as LosslessValue;
  card.equal("identity", "tags", labels, tags);
  const original = (name: string): LosslessValue | undefined =>
    at(stored.card, "profile", "metadata", "runferry", name);
  card.equal("identity", "original id", original("id"), told("run_id"));
  card.equal("identity", "original project", original("project"), told("project"));
}

/** Where truth.json has a NaN, W&B's log has null or the word, by client. */
function plain(value: Json): LosslessValue {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  if (typeof value !== "number") return value as LosslessValue;
  if (Number.isNaN(value)) return null;
  return Number.isFinite(value) ? value : String(value);
}

function scoreConfig({ parts, stored }: ScoredRun, card: Scorecard): void {
  const expected: { [key: string]: LosslessValue } = {};
  for (const part of parts.filter(({ records }) => records.length > 0)) {
    const sets = [part.truth["config"] ?? {}, ...truthList(part, "config_updates")];
    for (const set of sets) Object.assign(expected, plain(decoded(set)));
  }
  const found = plainConfig(stored);
  for (const key of Object.keys(expected)) {
    card.equal("config", key, noNaN(found[key]), expected[key]);
  }
  for (const key of Object.keys(found)) {
    const isKnown = Object.hasOwn(expected, key) || key === "wandb.summary";
    card.holds("config", `nobody set ${key}`, isKnown);
  }
}

function noNaN(value: LosslessValue | undefined): LosslessValue | undefined {
  if (Array.isArray(value)) return value.map((inner) => noNaN(inner) ?? null);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, noNaN(inner) ?? null]),
    );
  }
  return value === "NaN" ? null : value;
}

function scoreSummary({ parts, stored }: ScoredRun, card: Scorecard): void {
  const expected = new Map<string, Json>();
  for (const part of parts) {
    if (isCut(part)) continue;
    for (const { key, value, delete: gone } of truthList(part, "summary_set")) {
      if (gone === true) expected.delete(key as string);
      else expected.set(key as string, value ?? null);
    }
  }
  const found = (plainConfig(stored)["wandb.summary"] ?? {}) as LosslessObject;
  for (const [key, value] of expected) {
    if (holdsMedia(value)) {
      const path = textAt(found[key], "path");
      card.holds("summary", `${key} names no saved file`, stored.files.has(path));
    } else card.equal("summary", key, noNaN(found[key]), plain(decoded(value)));
  }
  if (parts.some(isCut)) return;
  // These two early Go clients do not write what is taken out of the summary.
  const forgets = parts.some(({ label }) => /^0\.(?:15\.10-nexus|16\.6-core)$/.test(label));
  for (const key of Object.keys(found)) {
    card.holds("summary", `nobody set ${key}`, expected.has(key) || (forgets && key === "gone"));
  }
}

function scoreEnvironment({ parts, stored }: ScoredRun, card: Scorecard): void {
  for (const { path } of parts.slice(-1)) {
    const file = (name: string): string => join(path, "files", name);
    if (existsSync(file("requirements.txt"))) {
      const text = readFileSync(file("requirements.txt"), "utf8");
      card.equal("environment", "requirements", at(stored.card, "profile", "requirements"), text);
    }
    if (!existsSync(file("wandb-metadata.json"))) continue;
    for (const [key, value] of Object.entries(readJson(file("wandb-metadata.json")))) {
      const found = at(stored.card, "profile", "metadata", key);
      card.equal("environment", key, found, value as LosslessValue);
    }
  }
  for (const record of parts.flatMap(({ records }) => records)) {
    const environment = (record["environment"] ?? {}) as JsonObject;
    for (const key of ["os", "python", "program", "host", "executable"]) {
      if (environment[key] === undefined) continue;
      const found = at(stored.card, "profile", "metadata", key);
      card.equal("environment", key, found, environment[key] as LosslessValue);
    }
  }
}

function scoreEnd({ parts, stored }: ScoredRun, card: Scorecard): void {
  const last = parts.at(-1);
  if (last === undefined) return;
  const exit = last.truth["exit"] as JsonObject;
  // A Python client's own process outlives the program and writes the exit record itself.
  const outlives = isPython(last.label) && last.name.endsWith("orphan");
  if (outlives) return;
  const isGood = exit["code"] === 0 && !isCut(last);
  card.equal("state", "state", at(stored.card, "state"), isGood ? "FINISHED" : "CRASHED");
  const code = at(stored.card, "profile", "metadata", "runferry", "exitCode");
  const expected = isCut(last) ? undefined : exit["code"];
  card.equal("state", "exit code", code, expected as LosslessValue | undefined);
}
