import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { LosslessValue } from "../../src/codec/lossless_json.ts";
import { Facts } from "./facts.ts";
import { type HostApi, NotThere } from "./host_api.ts";
import { at, canonical, entriesAt, itemsAt, textAt } from "./json_path.ts";

/** Where a run lies, and how the reading requests name it. */
interface Address {
  readonly api: HostApi;
  readonly user: string;
  readonly project: string;
  readonly projectId: string;
  readonly run: string;
  /** Seconds since epoch, as every reading request has to say. */
  readonly createdAt: number;
}

const exportedAtOnce = 16;
const linesAtOnce = 1000;

/** The runs of a project: their ids, oldest first. */
export async function runIds(
  api: HostApi,
  user: string,
  project: string,
): Promise<readonly string[]> {
  const body = { filters: [], groups: [], sorts: [] };
  const runs = await api.ask(`/project/${user}/${project}/runs/shows`, body);
  return itemsAt({ runs }, "runs")
    .toSorted((left, right) => textAt(left, "createdAt") < textAt(right, "createdAt") ? -1 : 1)
    .map((run) => textAt(run, "cuid"));
}

/** Everything that a host holds of one run, read through the host's own API. */
export async function readFacts(
  api: HostApi,
  user: string,
  project: string,
  run: string,
): Promise<Facts> {
  const held = await api.ask(`/project/${user}/${project}/runs/${run}`);
  const projectId = textAt(await api.ask(`/project/${user}/${project}`), "cuid");
  const createdAt = Math.floor(Date.parse(textAt(held, "createdAt")) / 1000);
  const address: Address = { api, user, project, projectId, run, createdAt };
  const facts = new Facts();
  identityFacts(held, facts);
  await columnFacts(address, facts);
  await scalarFacts(address, facts);
  await mediaFacts(address, facts);
  await lineFacts(address, facts);
  await fileFacts(address, facts);
  return facts;
}

function identityFacts(run: LosslessValue, facts: Facts): void {
  for (const field of ["name", "description", "state", "job", "cluster"]) {
    facts.add("run", field, canonical(at(run, field) ?? ""));
  }
  const labels = itemsAt(run, "labels").map((label) => textAt(label, "name"));
  facts.add("run", "labels", canonical(labels.toSorted()));
  for (const field of ["config", "metadata"]) {
    for (const [key, value] of entriesAt(run, "profile", field)) {
      facts.add(field, key, canonical(value));
    }
  }
  for (const field of ["requirements", "conda"]) {
    facts.add("environment", field, canonical(at(run, "profile", field) ?? ""));
  }
}

async function columnFacts({ api, user, project, run }: Address, facts: Facts): Promise<void> {
  for (const column of await seriesOrColumns(api, `/projects/${user}/${project}/series`, run)) {
    const shown = ["type", "class", "sectionName", "sectionType", "xAxis", "hidden", "yRange"]
      .map((field) => [field, at(column, field)] as const)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => `${name} ${canonical(value)}`);
    facts.add("column", textAt(column, "key"), shown.join(" "));
  }
}

/** The series of a project; the columns of a run where nobody declared any, or none can be. */
async function seriesOrColumns(
  api: HostApi,
  series: string,
  run: string,
): Promise<readonly LosslessValue[]> {
  try {
    const declared = itemsAt({ list: await api.ask(series) }, "list");
    if (declared.length > 0) return declared;
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
  }
  return itemsAt(await api.ask(`/experiment/${run}/column?all=True`), "list");
}

async function keysOf(
  { api, projectId, run, createdAt }: Address,
  kind: "scalar" | "media",
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let cursor = "";;) {
    const experiments = [{ projectId, experimentId: run, createdAt }];
    const page = await api.ask(`/house/metrics/${kind}/keys`, { experiments, limit: 500, cursor });
    keys.push(...itemsAt(page, "keys").map(String));
    if (at(page, "hasMore") !== true) return keys.sort();
    cursor = textAt(page, "nextCursor");
  }
}

async function scalarFacts(address: Address, facts: Facts): Promise<void> {
  const { api, projectId, run, createdAt } = address;
  const keys = await keysOf(address, "scalar");
  for (let first = 0; first < keys.length; first += exportedAtOnce) {
    const part = keys.slice(first, first + exportedAtOnce);
    const columns = part.map((key) => ({
      experimentId: run,
      experimentName: "run",
      key,
      createdAt,
    }));
    const exported = await api.ask("/house/metrics/scalar/export", { projectId, columns });
    const paths = [textAt(exported, "cosKey")];
    const [url] = itemsAt(await api.ask("/files/presigned/get", { paths }), "urls");
    const csv = Buffer.from(await api.object(String(url))).toString();
    for (const line of csv.trimEnd().split("\n").slice(1)) {
      const [step, ...cells] = line.split(",").map((cell) => cell.trim());
      part.forEach((key, at) => {
        const [value = "", time = ""] = cells.slice(2 * at);
        if (value === "") return;
        const number = Number(value);
        const shown = Number.isNaN(number) ? value : canonical(number);
        facts.add(`scalar ${key}`, `step ${step}`, `${shown} at ${time}`);
      });
    }
  }
}

function hash(bytes: Uint8Array): string {
  return `${bytes.length} bytes ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
}

async function mediaFacts(address: Address, facts: Facts): Promise<void> {
  const { api, projectId, run, createdAt } = address;
  for (const key of await keysOf(address, "media")) {
    const columns = [{ experimentId: run, key, createdAt }];
    const answer = await api.ask("/house/metrics/f_media", { projectId, columns });
    for (
      const item of itemsAt({ list: answer }, "list").flatMap((one) => itemsAt(one, "metrics"))
    ) {
      const step = `step ${String(at(item, "index"))}`;
      const captions = itemsAt(item, "more").map((more) => canonical(at(more, "caption") ?? null));
      facts.add(`media ${key}`, `${step} captions`, captions.join(" "));
      const paths = itemsAt(item, "data").map(String);
      for (const [number, path] of paths.entries()) {
        const content = hash(await mediaBytes(address, path));
        facts.add(`media ${key}`, `${step} item ${number}`, content);
      }
    }
  }
}

/** The bytes of an object, or of the text itself where a client stored it in the object's place. */
async function mediaBytes({ api, projectId, run }: Address, path: string): Promise<Uint8Array> {
  const body = { prefix: `${projectId}/${run}`, paths: [path] };
  // No object can have such a name, and a host may say so.
  if (path === "" || /\p{Cc}|\p{Cs}/u.test(path)) return Buffer.from(path);
  try {
    const [url] = itemsAt(await api.ask("/resources/presigned/get", body), "urls");
    return await api.object(String(url));
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    return Buffer.from(path);
  }
}

async function lineFacts({ api, projectId, run, createdAt }: Address, facts: Facts): Promise<void> {
  for (let offset = 0;;) {
    const query = new URLSearchParams({
      projectId,
      experimentId: run,
      size: String(linesAtOnce),
      epoch: String(offset),
      level: "DEBUG",
      createdAt: String(createdAt),
    });
    const lines = itemsAt(await api.ask(`/house/metrics/log?${query}`), "logs");
    for (const line of lines) {
      const text = `${textAt(line, "level")} ${canonical(at(line, "message"))}`;
      const number = String(at(line, "epoch"));
      facts.add("console", `line ${number}`, `${text} at ${canonical(at(line, "timestamp"))}`);
    }
    if (lines.length < linesAtOnce) return;
    offset += lines.length;
  }
}

async function fileFacts({ api, run }: Address, facts: Facts): Promise<void> {
  for (const file of itemsAt(await api.ask(`/experiment/${run}/files`), "files")) {
    const fields = ["size", "sha256", "state"].map((name) => canonical(at(file, name)));
    facts.add("saved files", textAt(file, "path"), fields.join(" "));
  }
}
