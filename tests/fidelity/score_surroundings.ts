import type { LosslessValue } from "../../src/codec/lossless_json.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { assignments, leaves, millis } from "../adapters/wandb/record_values.ts";
import { at, itemsAt, textAt } from "../interop/json_path.ts";
import { isCut, type ScoredRun, truthList } from "./scored_run.ts";
import type { Scorecard } from "./scorecard.ts";
import { sha256, type StoredLine } from "./stored_run.ts";

/** The console, alerts, monitoring, saved files, and how columns are shown. */
export function scoreSurroundings(run: ScoredRun, card: Scorecard): void {
  scoreConsole(run, card);
  scoreMonitoring(run, card);
  scoreFiles(run, card);
  scoreColumns(run, card);
}

/** What a terminal shows: a carriage return goes back to the beginning of the line. */
function shown(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) =>
    line.split("\r").reduce((before, part) => part + before.slice(part.length))
  );
}

function scoreConsole(run: ScoredRun, card: Scorecard): void {
  const { parts, stored: { lines } } = run;
  card.equal("console", "line numbers", lines.map(({ number }) => number), [
    ...lines.map((_, index) => index + 1),
  ]);
  const alerts = parts.flatMap((part) => truthList(part, "alerts"));
  const told = alerts.flatMap(({ title, text, level }) =>
    `${title}: ${text}`.split("\n").map((line) => `${level} ${line}`)
  );
  const terminal = told.length === 0 ? lines : lines.slice(0, -told.length);
  const last = lines.slice(terminal.length).map(({ level, text }) => `${level} ${text}`);
  card.equal("alerts", "alerts", last, told);
  const kept = itemsAt(run.stored.card, "profile", "metadata", "runferry", "alerts");
  for (const [place, { title, text, level }] of alerts.entries()) {
    const alert = [kept[place]].map((one) => [at(one, "title"), at(one, "text"), at(one, "level")]);
    const expected = [title, text, level] as LosslessValue;
    card.equal("alerts", `alert ${place}`, alert[0]?.map((field) => field ?? null), expected);
  }
  if (!parts.some(isCut)) scoreStreams(run, card, terminal);
}

function scoreStreams({ parts }: ScoredRun, card: Scorecard, lines: readonly StoredLine[]): void {
  for (const [stream, level] of [["stdout", "INFO"], ["stderr", "WARN"]] as const) {
    const expected = parts.flatMap((part) => {
      const written = truthList(part, "console").filter((piece) => piece["stream"] === stream)
        .map((piece) => piece["text"]).join("");
      // The emulating clients end a colour with "default colour" instead of "reset".
      const isEmulated = part.records.some((record) => Object.hasOwn(record, "output"));
      return shown(isEmulated ? written.replace("\x1b[0m", "\x1b[39m") : written);
    });
    const found = lines.filter((line) => line.level === level).map(({ text }) => text);
    const failed = parts.some(({ name }) => name.endsWith("/failed"));
    const own = failed && stream === "stderr" ? found.slice(0, expected.length) : found;
    card.equal("console", stream, own, expected);
    if (own === found) continue;
    card.holds("console", "no traceback", found.join("\n").includes("synthetic failure"));
  }
  const unknown = lines.filter(({ level }) => level !== "INFO" && level !== "WARN");
  card.equal("console", "other levels", unknown.map(({ text }) => text), []);
}

/** Each sample of W&B's monitoring by time and value, whatever the key is called. */
function scoreMonitoring({ parts, stored }: ScoredRun, card: Scorecard): void {
  const samples: string[] = [];
  for (const [key, column] of stored.columns) {
    const isSystem = textAt(column, "type") === "SYSTEM";
    card.holds(
      "monitoring",
      `${key} is of type ${textAt(column, "type")}`,
      isSystem === /^(?:__swanlab__\.|system\/)/.test(key),
    );
    if (!isSystem) continue;
    for (const { value, time } of stored.scalars.get(key)?.values() ?? []) {
      samples.push(`${value} at ${time}`);
    }
  }
  const expected = parts.flatMap(({ records }) => records)
    .filter((record) => Object.hasOwn(record, "stats"))
    .flatMap((record) => samplesOf(record["stats"] as JsonObject));
  const left = [...samples];
  for (const sample of expected) {
    const place = left.indexOf(sample);
    card.holds("monitoring", `no sample ${sample}`, place >= 0);
    if (place >= 0) left.splice(place, 1);
  }
  for (const sample of left) card.holds("monitoring", `made up: ${sample}`, false);
}

function samplesOf(stats: JsonObject): readonly string[] {
  const time = Math.floor(millis(stats["timestamp"]) ?? -1);
  return leaves(assignments(stats, "item"))
    .filter(([path, value]) => typeof value === "number" && !path.at(-1)?.startsWith("_"))
    .map(([, value]) => `${value} at ${time}`);
}

function scoreFiles({ parts, stored }: ScoredRun, card: Scorecard): void {
  for (const part of parts) {
    for (const { path, sha256: hash, error } of truthList(part, "saved_files")) {
      if (error !== undefined) continue;
      card.equal("saved files", String(path), stored.files.get(String(path))?.sha256, text(hash));
    }
    for (const { name, files, references } of truthList(part, "artifacts")) {
      for (const [path, hash] of Object.entries(files as JsonObject)) {
        const found = stored.files.get(`artifacts/${name}/${path}`)?.sha256;
        card.equal("artifacts", `${name}/${path}`, found, text(hash));
      }
      scoreArtifact({ parts, stored }, card, String(name), references as JsonObject);
    }
  }
  for (const [path, { bytes, sha256: hash }] of stored.files) {
    card.equal("saved files", `content of ${path}`, sha256(bytes), hash);
  }
}

function scoreArtifact(
  { parts, stored }: Pick<ScoredRun, "parts" | "stored">,
  card: Scorecard,
  name: string,
  references: JsonObject,
): void {
  const artifacts = itemsAt(stored.card, "profile", "metadata", "runferry", "artifacts");
  const found = artifacts.find((artifact) => textAt(artifact, "name") === name);
  const truth = parts.flatMap((part) => truthList(part, "artifacts"))
    .find((artifact) => artifact["name"] === name) ?? {};
  card.equal("artifacts", "type", at(found, "kind"), text(truth["type"]));
  card.equal("artifacts", "description", at(found, "description"), text(truth["description"]));
  card.equal("artifacts", "aliases", at(found, "aliases"), truth["aliases"] as LosslessValue);
  for (const [key, value] of Object.entries((truth["metadata"] ?? {}) as JsonObject)) {
    card.equal("artifacts", key, at(found, "metadata", key), value as LosslessValue);
  }
  if (truth["reference_error"] !== undefined) return;
  for (const [path, address] of Object.entries(references ?? {})) {
    const entry = itemsAt(found, "entries").find((one) => textAt(one, "path") === path);
    card.equal("artifacts", path, at(entry, "ref"), text(address));
  }
}

function text(value: Json | undefined): LosslessValue | undefined {
  return typeof value === "string" ? value : undefined;
}

/** X axes, hidden columns and sections, by define_metric and by name. */
function scoreColumns({ parts, stored }: ScoredRun, card: Scorecard): void {
  if (!stored.hasSeries) return;
  const definitions = parts.flatMap((part) => truthList(part, "define_metric"))
    .filter(({ error }) => error === undefined);
  const hasDefinitions = parts.some(({ records }) =>
    records.some((record) => Object.hasOwn(record, "metric"))
  );
  for (const [key, column] of stored.columns) {
    if (textAt(column, "type") === "SYSTEM") continue;
    const definition = definitions.find(({ name }) => fits(String(name), key));
    const axis = hasDefinitions ? definition?.["step_metric"] : undefined;
    card.equal("x axes", key, at(column, "xAxis") ?? undefined, text(axis));
    const hidden = hasDefinitions && definition?.["hidden"] === true;
    card.equal("x axes", `${key} hidden`, at(column, "hidden") === true, hidden);
    const section = key.includes("/") ? key.slice(0, key.indexOf("/")) : undefined;
    card.equal("sections", key, at(column, "sectionName") ?? undefined, section);
  }
}

function fits(pattern: string, key: string): boolean {
  return pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : pattern === key;
}
