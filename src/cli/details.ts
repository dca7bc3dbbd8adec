import type { RunReader, Tail } from "../adapter.ts";
import type {
  AlertEvent,
  ArtifactEvent,
  ConsoleEvent,
  EnvironmentEvent,
  FinishEvent,
  GapEvent,
  HistoryValue,
  IdentityEvent,
  MediaEvent,
  RunEvent,
} from "../model/event.ts";
import type { Integer, Json, JsonObject } from "../model/json.ts";
import { inspect, type Inspection } from "../sync/inspect.ts";
import { Fold } from "./fold.ts";
import { MetricDetails } from "./metric_details.ts";

/** Media of one key. */
export interface MediaDetails {
  readonly key: string;
  readonly kind: string;
  /** How often it was logged. */
  count: number;
  items: number;
  lastStep: Integer;
}

/** Some of many: the first or last few, and how many there are. */
export interface Some<Item> {
  count: number;
  readonly items: Item[];
}

/** Everything that `show` tells about a run. Its size does not grow with the run's history. */
export interface RunDetails {
  readonly inspection: Inspection;
  readonly identity: IdentityEvent | undefined;
  readonly finish: FinishEvent | undefined;
  readonly config: JsonObject;
  readonly summary: JsonObject;
  readonly environment: JsonObject;
  readonly metrics: readonly MetricDetails[];
  readonly system: readonly MetricDetails[];
  readonly media: readonly MediaDetails[];
  readonly files: Some<{ readonly name: string; readonly bytes?: number }>;
  readonly artifacts: Some<string>;
  readonly alerts: Some<AlertEvent>;
  /** The last lines. */
  readonly console: Some<ConsoleEvent>;
  readonly gaps: Some<GapEvent>;
  /** Records that the source does not know. */
  readonly unknown: number;
  readonly tail: Tail | undefined;
}

/** How many of a long list are kept. */
const few = 10;

/** Reads a run once and gathers what `show` tells. */
export async function gatherDetails(reader: RunReader): Promise<RunDetails> {
  const gatherer = new Gatherer();
  const inspection = await inspect(reader, (event) => gatherer.add(event));
  return gatherer.result(inspection);
}

class Gatherer {
  #identity: IdentityEvent | undefined;
  #finish: FinishEvent | undefined;
  readonly #config = new Fold();
  readonly #summary = new Fold();
  readonly #environment = new Fold();
  readonly #metrics = new Map<string, MetricDetails>();
  readonly #system = new Map<string, MetricDetails>();
  readonly #media = new Map<string, MediaDetails>();
  readonly #files: RunDetails["files"] = { count: 0, items: [] };
  readonly #artifacts: RunDetails["artifacts"] = { count: 0, items: [] };
  readonly #alerts: RunDetails["alerts"] = { count: 0, items: [] };
  readonly #console: RunDetails["console"] = { count: 0, items: [] };
  readonly #gaps: RunDetails["gaps"] = { count: 0, items: [] };
  #unknown = 0;

  add(event: RunEvent): void {
    switch (event.type) {
      case "run":
        this.#identity = { ...this.#identity, ...event };
        break;
      case "finish":
        this.#finish = event;
        break;
      case "config":
        this.#config.add(event.set, event.remove);
        break;
      case "summary":
        this.#summary.add(event.set, event.remove);
        break;
      case "environment":
        this.#environmentOf(event);
        break;
      case "history":
        addRow(this.#metrics, event.values, event.step);
        break;
      case "system":
        addRow(this.#system, event.values, event.step);
        break;
      case "media":
        this.#mediaOf(event);
        break;
      default:
        this.#rest(event);
    }
  }

  #rest(event: RunEvent): void {
    switch (event.type) {
      case "console":
        keepLast(this.#console, event);
        break;
      case "file":
        keepFirst(this.#files, {
          name: event.name,
          ...(event.file.bytes === undefined ? {} : { bytes: event.file.bytes }),
        });
        break;
      case "artifact":
        keepFirst(this.#artifacts, artifactText(event));
        break;
      case "alert":
        keepLast(this.#alerts, event);
        break;
      case "gap":
        keepFirst(this.#gaps, event);
        break;
      case "unknown":
        this.#unknown++;
        break;
      default:
    }
  }

  #environmentOf({ metadata }: EnvironmentEvent): void {
    if (metadata !== undefined) this.#environment.add(metadata);
  }

  #mediaOf({ key, kind, items, step }: MediaEvent): void {
    const name = `${kind} ${key}`;
    const media = this.#media.get(name) ??
      { key, kind, count: 0, items: 0, lastStep: step };
    media.count++;
    media.items += items.length;
    media.lastStep = step;
    this.#media.set(name, media);
  }

  result(inspection: Inspection): RunDetails {
    return {
      inspection,
      identity: this.#identity,
      finish: this.#finish,
      config: this.#config.value,
      summary: this.#summary.value,
      environment: this.#environment.value,
      metrics: [...this.#metrics.values()],
      system: [...this.#system.values()],
      media: [...this.#media.values()],
      files: this.#files,
      artifacts: this.#artifacts,
      alerts: this.#alerts,
      console: this.#console,
      gaps: this.#gaps,
      unknown: this.#unknown,
      tail: inspection.tail,
    };
  }
}

function addRow(
  metrics: Map<string, MetricDetails>,
  values: { readonly [key: string]: HistoryValue },
  step: Integer | undefined,
): void {
  for (const key of Object.keys(values)) {
    let metric = metrics.get(key);
    if (metric === undefined) {
      metric = new MetricDetails(key);
      metrics.set(key, metric);
    }
    const value: Json = values[key] ?? null;
    metric.add(value, step);
  }
}

function keepFirst<Item>(some: Some<Item>, item: Item): void {
  some.count++;
  if (some.items.length < few) some.items.push(item);
}

function keepLast<Item>(some: Some<Item>, item: Item): void {
  some.count++;
  some.items.push(item);
  if (some.items.length > few) some.items.shift();
}

function artifactText({ name, kind, direction, aliases }: ArtifactEvent): string {
  const verb = direction === "output" ? "made" : "used";
  const also = aliases.length === 0 ? "" : ` (${aliases.join(", ")})`;
  return `${verb} ${kind} ${name}${also}`;
}
