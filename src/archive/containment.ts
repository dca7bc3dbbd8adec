import type { HistoryEvent, HistoryValue, RunEvent, SystemEvent } from "../model/event.ts";
import { fileRefs } from "../model/file_refs.ts";
import { setKey } from "../model/json.ts";
import { TallyBuilder } from "../model/tally_builder.ts";
import type { MetricTally, Tally } from "../model/tally.ts";
import { fileTallies, type Manifest } from "./manifest.ts";

/** Damage that a later reading may find less of. */
const mayShrink: ReadonlySet<string> = new Set(["gap", "unknown"]);

/**
 * Proves that a grown run holds all that an older archive of it holds, so that the older one may
 * be replaced. Of the new stream, each key's first points and the first console lines, as many as
 * the old archive has, must have the digests that it has.
 */
export class Containment {
  readonly #old: Manifest;
  /** Points of each key that the old archive has and the new stream did not show yet. */
  readonly #metrics: Map<string, number>;
  readonly #system: Map<string, number>;
  #lines: number;
  readonly #front = new TallyBuilder();
  /** Files that must still be the same: those of media values and artifacts. */
  readonly #fixed = new Set<string>();

  constructor(old: Manifest) {
    this.#old = old;
    this.#metrics = points(old.tally.metrics);
    this.#system = points(old.tally.system);
    this.#lines = old.tally.console.lines;
  }

  /** Takes the next event of the new stream. */
  add(event: RunEvent): void {
    switch (event.type) {
      case "history":
        this.#addRow(event, this.#metrics);
        return;
      case "system":
        this.#addRow(event, this.#system);
        return;
      case "media": {
        const left = this.#metrics.get(event.key) ?? 0;
        if (left === 0 || left < event.items.length) break;
        this.#metrics.set(event.key, left - event.items.length);
        this.#front.add(event);
        break;
      }
      case "console":
        if (this.#lines-- > 0) this.#front.add(event);
        return;
      default:
    }
    if (event.type === "file") return;
    for (const { path } of fileRefs(event)) this.#fixed.add(path);
  }

  /**
   * Whether the new archive, whose whole stream was added, is of the same directory as the old one
   * and holds everything of it.
   */
  proven(next: Manifest): boolean {
    const old = this.#old.tally;
    const front = this.#front.result();
    return this.#old.run.path === next.run.path &&
      sameMetrics(old.metrics, front.metrics) &&
      sameMetrics(old.system, front.system) &&
      old.console.digest === front.console.digest &&
      old.console.lines === front.console.lines &&
      Object.entries(old.events).every(([type, count]) =>
        mayShrink.has(type) || count <= countOf(next.tally, type)
      ) && this.#holdsFiles(next);
  }

  /**
   * Nothing that was there may be gone. A saved file, or one that no event names, may have a new
   * content under its name, as trackers mean it; media may not.
   */
  #holdsFiles(next: Manifest): boolean {
    const before = fileTallies(this.#old);
    const now = fileTallies(next);
    const there = new Set(next.entries.map(({ path }) => path));
    return [...before].every(([path, { sha256 }]) => {
      const file = now.get(path);
      return file !== undefined && (!this.#fixed.has(path) || file.sha256 === sha256);
    }) && this.#old.entries.every(({ path, kind }) => kind === "file" || there.has(path));
  }

  #addRow(event: HistoryEvent | SystemEvent, left: Map<string, number>): void {
    const keys = Object.keys(event.values);
    const wanted = keys.filter((key) => take(left, key));
    if (wanted.length === keys.length) this.#front.add(event);
    else if (event.type === "history") {
      this.#front.add({ ...event, values: pick(event.values, wanted) });
    } else this.#front.add({ ...event, values: pick(event.values, wanted) });
  }
}

function points(metrics: Tally["metrics"]): Map<string, number> {
  const left = new Map<string, number>();
  for (const [key, metric] of Object.entries(metrics)) {
    left.set(key, metric.points);
  }
  return left;
}

/** Takes one of what is left of a key; false when nothing is. */
function take(left: Map<string, number>, key: string): boolean {
  const count = left.get(key) ?? 0;
  if (count > 0) left.set(key, count - 1);
  return count > 0;
}

function pick<Value extends HistoryValue>(
  values: { readonly [key: string]: Value },
  keys: readonly string[],
): { readonly [key: string]: Value } {
  const picked: { [key: string]: Value } = {};
  for (const key of keys) setKey(picked, key, values[key] as Value);
  return picked;
}

function sameMetrics(
  old: Tally["metrics"],
  front: Tally["metrics"],
): boolean {
  return Object.entries(old).every(([key, metric]) => {
    const found: MetricTally | undefined = Object.hasOwn(front, key) ? front[key] : undefined;
    return found?.points === metric.points && found.digest === metric.digest;
  });
}

function countOf({ events }: Manifest["tally"], type: string): number {
  return new Map(Object.entries(events)).get(type) ?? 0;
}
