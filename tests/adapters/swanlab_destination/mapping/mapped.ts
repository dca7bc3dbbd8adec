/** What the mapping makes of a run, as a host would hold it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Mapper } from "../../../../adapters/destinations/swanlab/mapping/mapper.ts";
import type {
  Column,
  Content,
  Ending,
  Identity,
  LogLine,
  MediaPoint,
  Profile,
  SavedFile,
} from "../../../../adapters/destinations/swanlab/mapping/outbox.ts";
import { swanlab } from "../../../../adapters/sources/swanlab/source.ts";
import { wandb } from "../../../../adapters/sources/wandb/source.ts";
import type { Loss, Source } from "../../../../src/adapter.ts";
import { walk } from "../../../../src/files/walk.ts";
import type { RunEvent } from "../../../../src/model/event.ts";
import type { RunInfo } from "../../../../src/model/run.ts";
import { testContext } from "../../../contract/context.ts";

/** One number. */
export interface Point {
  readonly seq: number;
  readonly step: number;
  readonly time: number | undefined;
  readonly value: number;
}

/** A column and everything in it. */
export interface Held {
  readonly column: Column;
  readonly points: Point[];
  readonly media: MediaPoint[];
}

/** Everything that reached the outbox. */
export interface Mapped {
  readonly info: RunInfo;
  readonly events: readonly RunEvent[];
  readonly columns: ReadonlyMap<string, Held>;
  readonly logs: readonly LogLine[];
  readonly files: readonly SavedFile[];
  readonly identity: Identity;
  readonly profile: Profile;
  readonly ending: Ending | undefined;
  readonly losses: readonly Loss[];
  /** The bytes of something; undefined when they cannot be converted. */
  bytes(content: Content): Uint8Array | undefined;
}

/** How to map. */
export interface Wishes {
  readonly xAxis?: "step" | "defined";
}

/** What an event is without its number. */
export type Unnumbered = RunEvent extends infer Event
  ? Event extends RunEvent ? Omit<Event, "seq"> : never
  : never;

/** Maps events that are given here. */
function mapEvents(
  info: RunInfo,
  events: readonly RunEvent[],
  { xAxis = "defined" }: Wishes = {},
): Mapped {
  const columns = new Map<string, Held>();
  const logs: LogLine[] = [];
  const files: SavedFile[] = [];
  const losses: Loss[] = [];
  let identity: Identity = {};
  let profile: Profile = {};
  let ending: Ending | undefined;
  const mapper = new Mapper<Held>({
    series: (column) => {
      const held: Held = { column, points: [], media: [] };
      if (columns.has(column.key)) throw new Error(`${column.key} is declared twice`);
      columns.set(column.key, held);
      return held;
    },
    scalar: (held, seq, step, time, value) => void held.points.push({ seq, step, time, value }),
    media: (held, point) => void held.media.push(point),
    log: (line) => void logs.push(line),
    file: (file) => void files.push(file),
    identity: (said) => void (identity = { ...identity, ...said }),
    profile: (said) => void (profile = said),
    ending: (said) => void (ending = said),
    loss: (loss) => void losses.push(loss),
  }, { run: info, xAxis, tool: "runferry test" });
  for (const event of events) mapper.map(event);
  mapper.end();
  const bytes = (content: Content): Uint8Array | undefined => {
    if ("bytes" in content) return content.bytes;
    const read = new Uint8Array(readFileSync(join(info.path, content.file.path)));
    return content.convert === undefined ? read : content.convert(read);
  };
  return { info, events, columns, logs, files, identity, profile, ending, losses, bytes };
}

/** Events of a made-up run of W&B, numbered. */
export function mapMade(
  events: readonly Unnumbered[],
  wishes: Wishes & { readonly writer?: RunInfo["writer"] } = {},
): Mapped {
  const writer = wishes.writer ?? { tracker: "wandb", version: "0.31.0", format: "leveldb v0" };
  const info = { source: "wandb", path: "/nowhere", directory: "made", id: "made1", writer };
  return mapEvents(info, events.map((event, seq) => ({ ...event, seq }) as RunEvent), wishes);
}

/** Maps the runs at and below a path, in order of path. */
export async function mapFixture(path: string, wishes: Wishes = {}): Promise<readonly Mapped[]> {
  const mapped: Mapped[] = [];
  for (const source of [wandb, swanlab]) mapped.push(...await mapAll(source, path, wishes));
  return mapped.sort((left, right) => left.info.path < right.info.path ? -1 : 1);
}

/** Maps the only run at or below a path. */
export async function mapOnly(path: string, wishes: Wishes = {}): Promise<Mapped> {
  const [only, ...more] = await mapFixture(`tests/fixtures/${path}`, wishes);
  if (only === undefined || more.length > 0) throw new Error(`${path} is not one run`);
  return only;
}

async function mapAll(source: Source, path: string, wishes: Wishes): Promise<Mapped[]> {
  const mapped: Mapped[] = [];
  for await (const place of walk(path)) {
    for (const ref of await source.recognise(place, testContext())) {
      if (ref.path === place.path) place.deeper = false;
      await using reader = await source.open(ref, testContext());
      const events = (await Array.fromAsync(reader.events())).flat();
      mapped.push(mapEvents(reader.info, events, wishes));
    }
  }
  return mapped;
}

/** The column of a key. */
export function held(mapped: Mapped, key: string): Held {
  const column = mapped.columns.get(key);
  if (column === undefined) throw new Error(`no column ${key}`);
  return column;
}

/** The texts of a key's media, first item of each point. */
export function textsOf(mapped: Mapped, key: string): readonly (string | undefined)[] {
  return held(mapped, key).media.map(({ items }) => items[0]?.text);
}

/** The JSON of the first object of a key. */
export function objectOf(mapped: Mapped, key: string, point = 0): unknown {
  const content = held(mapped, key).media[point]?.items[0]?.content;
  if (content === undefined) throw new Error(`no object under ${key}`);
  const bytes = mapped.bytes(content);
  return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}
