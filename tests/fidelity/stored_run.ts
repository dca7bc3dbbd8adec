/** Everything that a host holds of one run, as its own API tells it. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { LosslessObject, LosslessValue } from "../../src/codec/lossless_json.ts";
import { type HostApi, NotThere } from "../interop/host_api.ts";
import { at, entriesAt, itemsAt, textAt } from "../interop/json_path.ts";

/** One item of a media point. */
export interface StoredItem {
  /** What the point says: a path, or a text itself. */
  readonly data: string;
  /** The object at the path, or the text. */
  readonly bytes: Uint8Array;
  /** The same as text, lone surrogates included. */
  readonly text: string;
  readonly caption: string | undefined;
}

/** A scalar as read back; NaN and infinities as the host spells them. */
export interface StoredScalar {
  readonly value: number | string;
  /** ms since epoch. */
  readonly time: number;
}

/** A line of the console. */
export interface StoredLine {
  readonly number: number;
  readonly level: string;
  readonly text: string;
  /** ms since epoch. */
  readonly time: number;
}

/** A file that was saved. */
export interface StoredFile {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** By step, as text: steps may be longer than doubles are exact. */
type BySteps<Point> = ReadonlyMap<string, Point>;

/** A run at a host. */
export interface StoredRun {
  /** The run's own record: name, state, profile and so on. */
  readonly card: LosslessValue;
  /** By key; those of monitoring are of type SYSTEM, whatever the host's generation. */
  readonly columns: ReadonlyMap<string, LosslessValue>;
  /** Whether columns can have x axes, and be hidden. */
  readonly hasSeries: boolean;
  readonly scalars: ReadonlyMap<string, BySteps<StoredScalar>>;
  readonly media: ReadonlyMap<string, BySteps<readonly StoredItem[]>>;
  readonly lines: readonly StoredLine[];
  /** By the name that the user sees. */
  readonly files: ReadonlyMap<string, StoredFile>;
}

/** Which run, and where. */
export interface RunAddress {
  readonly api: HostApi;
  readonly user: string;
  readonly project: string;
  readonly run: string;
}

interface Place extends RunAddress {
  readonly projectId: string;
}

/** Reads a run completely. */
export async function readStoredRun(address: RunAddress): Promise<StoredRun> {
  const { api, user, project, run } = address;
  const card = await api.ask(`/project/${user}/${project}/runs/${run}`);
  const projectId = textAt(await api.ask(`/project/${user}/${project}`), "cuid");
  const place = { ...address, projectId };
  const series = await seriesOf(place);
  const columns = series ?? await columnsOf(place);
  return {
    card,
    columns: new Map(columns.map((column) => [textAt(column, "key"), column])),
    hasSeries: series !== undefined,
    scalars: await scalarsOf(place),
    media: await mediaOf(place),
    lines: await linesOf(place),
    files: await filesOf(place),
  };
}

/** The columns of the project; undefined where the host knows columns of runs only. */
async function seriesOf(
  { api, user, project }: Place,
): Promise<readonly LosslessValue[] | undefined> {
  try {
    return itemsAt({ list: await api.ask(`/projects/${user}/${project}/series`) }, "list");
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    return undefined;
  }
}

async function columnsOf({ api, run }: Place): Promise<readonly LosslessValue[]> {
  const list = itemsAt(await api.ask(`/experiment/${run}/column?all=True`), "list");
  return list.map((column) => {
    const fields = column as LosslessObject;
    return fields["class"] === "SYSTEM" ? { ...fields, type: "SYSTEM" } : fields;
  });
}

async function keysOf({ api, projectId, run }: Place, kind: string): Promise<readonly string[]> {
  const experiments = [{ projectId, experimentId: run, createdAt: 0 }];
  const body = { experiments, limit: 2000, cursor: "" };
  return itemsAt(await api.ask(`/house/metrics/${kind}/keys`, body), "keys").map(String);
}

async function scalarsOf(place: Place): Promise<StoredRun["scalars"]> {
  const keys = await keysOf(place, "scalar");
  return new Map(
    await Promise.all(keys.map(async (key) => [key, await pointsOf(place, key)] as const)),
  );
}

async function pointsOf(place: Place, key: string): Promise<BySteps<StoredScalar>> {
  const { api, projectId, run } = place;
  const columns = [{ experimentId: run, experimentName: "run", key, createdAt: 0 }];
  const exported = await api.ask("/house/metrics/scalar/export", { projectId, columns });
  const paths = [textAt(exported, "cosKey")];
  const [url] = itemsAt(await api.ask("/files/presigned/get", { paths }), "urls");
  const rows = Buffer.from(await api.object(String(url))).toString().trimEnd().split("\n");
  const points = rows.slice(-rows.length + 1).flatMap((row) => {
    const [step = "", value = "", time = ""] = row.split(",").map((cell) => cell.trim());
    if (value === "") return [];
    const number = Number(value);
    const told = Number.isNaN(number) ? value : number;
    return [[step, { value: told, time: Number(time) }] as const];
  });
  return new Map(rows.length === 1 ? [] : points);
}

async function mediaOf(place: Place): Promise<StoredRun["media"]> {
  const { api, projectId, run } = place;
  const media = new Map<string, BySteps<readonly StoredItem[]>>();
  for (const key of await keysOf(place, "media")) {
    const columns = [{ experimentId: run, key, createdAt: 0 }];
    const answer = await api.ask("/house/metrics/f_media", { projectId, columns });
    const steps = new Map<string, readonly StoredItem[]>();
    for (const point of itemsAt({ answer }, "answer").flatMap((one) => itemsAt(one, "metrics"))) {
      const captions = itemsAt(point, "more").map((more) => at(more, "caption"));
      const items = itemsAt(point, "data").map(async (entry, item): Promise<StoredItem> => {
        const data = String(entry);
        const object = await objectAt(place, data);
        return {
          data,
          bytes: object ?? Buffer.from(data),
          text: object === undefined ? data : Buffer.from(object).toString(),
          caption: typeof captions[item] === "string" ? captions[item] : undefined,
        };
      });
      steps.set(String(at(point, "index")), await Promise.all(items));
    }
    media.set(key, steps);
  }
  return media;
}

/** The object at a path; undefined where it is a text instead: clients store texts either way. */
async function objectAt(place: Place, path: string): Promise<Uint8Array | undefined> {
  const { api, projectId, run } = place;
  if (!/^media\/\w+\/\d+-[0-9a-f]{8}\.[\w.]+$|^[^ /]+\/[^/]+-step[^/]+$/.test(path)) {
    return undefined;
  }
  try {
    const body = { prefix: `${projectId}/${run}`, paths: [path] };
    const [url] = itemsAt(await api.ask("/resources/presigned/get", body), "urls");
    return await api.object(String(url));
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    return undefined;
  }
}

async function linesOf({ api, projectId, run }: Place): Promise<readonly StoredLine[]> {
  const lines: StoredLine[] = [];
  for (;;) {
    const query = new URLSearchParams({
      projectId,
      experimentId: run,
      size: "1000",
      epoch: String(lines.length),
      level: "DEBUG",
      createdAt: "0",
    });
    const page = itemsAt(await api.ask(`/house/metrics/log?${query}`), "logs");
    lines.push(...page.map((line) => ({
      number: Number(at(line, "epoch")),
      level: textAt(line, "level"),
      text: textAt(line, "message"),
      time: Date.parse(textAt(line, "timestamp")),
    })));
    if (page.length < 1000) return lines;
  }
}

async function filesOf({ api, run }: Place): Promise<ReadonlyMap<string, StoredFile>> {
  const files = new Map<string, StoredFile>();
  for (const file of itemsAt(await api.ask(`/experiment/${run}/files`), "files")) {
    const bytes = await api.object(textAt(file, "url"));
    files.set(textAt(file, "path"), { sha256: sha256(bytes), bytes });
  }
  return files;
}

/** SHA-256 in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The configuration without descriptions and order. */
export function plainConfig(run: StoredRun): LosslessObject {
  return Object.fromEntries(
    entriesAt(run.card, "profile", "config").map((
      [key, entry],
    ) => [key, at(entry, "value") ?? null]),
  );
}
