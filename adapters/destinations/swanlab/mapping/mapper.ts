import type { FinishEvent, MetricEvent, RunEvent } from "../../../../src/model/event.ts";
import type { RunInfo } from "../../../../src/model/run.ts";
import { ArtifactMapping } from "./artifacts.ts";
import { ConfigMapping } from "./config.ts";
import { ConsoleMapping } from "./console.ts";
import { CustomCharts } from "./custom_charts.ts";
import { EnvironmentMapping } from "./environment.ts";
import { HistoryMapping } from "./history.ts";
import { IdentityMapping } from "./identity.ts";
import { Losses } from "./losses.ts";
import { MediaMapping } from "./media.ts";
import { Metrics } from "./metrics.ts";
import type { Ending, Outbox } from "./outbox.ts";
import { OwnMedia } from "./own_media.ts";
import { provenance } from "./provenance.ts";
import { savedPath } from "./saved_path.ts";
import { SummaryMapping } from "./summary.ts";

/** How a run is mapped. */
export interface MapperOptions {
  readonly run: RunInfo;
  /** Whether the x axes that the run defines are kept, or every key is drawn by its step. */
  readonly xAxis: "step" | "defined";
  /** Who we are, for the metadata: "runferry 0.1.0". */
  readonly tool: string;
}

const states: { readonly [state in FinishEvent["state"]]: Ending["state"] } = {
  finished: "FINISHED",
  failed: "CRASHED",
  aborted: "ABORTED",
};

/**
 * Makes of a run's events what SwanLab holds, as `docs/mapping.md` says. A run of SwanLab's own
 * becomes what its newest client would upload. Pure and synchronous; memory grows with the keys.
 */
export class Mapper<Series> {
  readonly #outbox: Outbox<Series>;
  readonly #options: MapperOptions;
  /** Whether the run is SwanLab's own. */
  readonly #own: boolean;
  /** Whether its log is of the kind that names media by kind, and knows no stderr. */
  readonly #protobuf: boolean;
  readonly #losses: Losses;
  readonly #metrics: Metrics<Series>;
  readonly #history: HistoryMapping<Series>;
  readonly #media: MediaMapping<Series>;
  readonly #ownMedia: OwnMedia<Series>;
  readonly #charts = new CustomCharts();
  readonly #identity: IdentityMapping<Series>;
  readonly #config = new ConfigMapping();
  readonly #summary: SummaryMapping<Series>;
  readonly #environment = new EnvironmentMapping();
  readonly #console: ConsoleMapping<Series>;
  readonly #artifacts: ArtifactMapping<Series>;
  #samples = 0;
  #finish: FinishEvent | undefined;
  /** The latest time of any event, in ms. */
  #latest: number | undefined;

  constructor(outbox: Outbox<Series>, options: MapperOptions) {
    const { tracker, format, version } = options.run.writer;
    this.#outbox = outbox;
    this.#options = options;
    this.#own = tracker === "swanlab";
    this.#protobuf = format.startsWith("G3");
    const losses = new Losses((loss) => outbox.loss(loss));
    this.#losses = losses;
    const metrics = new Metrics(outbox, losses, { own: this.#own, xAxis: options.xAxis });
    this.#metrics = metrics;
    this.#history = new HistoryMapping(outbox, metrics, losses);
    this.#media = new MediaMapping(outbox, metrics, losses, this.#charts);
    this.#ownMedia = new OwnMedia(outbox, metrics, losses);
    this.#identity = new IdentityMapping(outbox, losses, this.#own);
    this.#summary = new SummaryMapping(metrics, version);
    this.#console = new ConsoleMapping(outbox);
    this.#artifacts = new ArtifactMapping(outbox);
  }

  /** Maps one event; events come in order. */
  map(event: RunEvent): void {
    const { time } = event;
    if (time !== undefined && !(time <= (this.#latest ?? -Infinity))) this.#latest = time;
    switch (event.type) {
      case "history":
        return this.#history.map(event);
      case "system":
        return this.#history.sample(event, this.#samples++);
      case "media":
        if (this.#own) return this.#ownMedia.map(event, this.#protobuf);
        return this.#media.map(event);
      case "console":
        return this.#console.map(event, !(this.#own && this.#protobuf));
      default:
        return this.#rare(event);
    }
  }

  /** Tells what can only be told once all events are known. */
  end(): void {
    const endedAt = this.#endedAt();
    this.#console.end(this.#finish?.error, endedAt);
    this.describe();
    this.#outbox.ending({
      state: this.#finish === undefined ? "CRASHED" : states[this.#finish.state],
      ...(endedAt === undefined ? {} : { time: endedAt }),
    });
  }

  /** Tells config and metadata as they are known by now. */
  describe(): void {
    const identity = this.#identity.whole;
    const own = provenance({
      tool: this.#options.tool,
      run: this.#options.run,
      identity,
      finish: this.#finish,
      endedAt: this.#endedAt(),
      cut: this.#identity.cut,
      artifacts: this.#artifacts.result(),
    });
    const config = this.#config.result([
      ["wandb.summary", this.#summary.byHand()],
      ["wandb.sweep", identity?.sweep],
    ]);
    this.#outbox.profile({
      ...(config === undefined ? {} : { config }),
      ...this.#environment.result(own),
    });
  }

  /** When the run ended. W&B counts whole seconds, so that lines may be later than its end. */
  #endedAt(): number | undefined {
    if (this.#finish === undefined) return undefined;
    const { time } = this.#finish;
    if (this.#own) return time;
    return time === undefined ? this.#latest : Math.max(time, this.#latest ?? time);
  }

  #rare(event: Exclude<RunEvent, { type: "history" | "system" | "media" | "console" }>): void {
    switch (event.type) {
      case "run":
        return this.#identity.map(event);
      case "config":
        return this.#config.map(event);
      case "environment":
        return this.#environment.map(event);
      case "metric":
        return this.#define(event);
      case "summary":
        return this.#summary.map(event);
      case "file":
        return this.#outbox.file({
          path: savedPath(event.name),
          content: { file: event.file },
          seq: event.seq,
        });
      case "artifact":
        return this.#artifacts.map(event);
      case "alert":
        this.#environment.alert(event);
        return this.#console.alert(event, this.#latest);
      case "finish":
        this.#finish = event;
        return;
      case "unknown":
        return this.#losses.unsupported(
          event.seq,
          "a record of a kind that is not known",
          String(event.record),
        );
      case "gap":
        return;
    }
  }

  #define(event: MetricEvent): void {
    const { seq, key, kind, summary, goal } = event;
    if (!this.#own) {
      this.#environment.definition(event);
      if (kind === "chart") return this.#charts.define(event);
      if (summary !== undefined || goal !== undefined) {
        this.#losses.converted(seq, "how a key is summed up is in the metadata only", key);
      }
    }
    this.#metrics.define(event);
  }
}
