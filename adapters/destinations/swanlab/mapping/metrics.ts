import type { MetricEvent } from "../../../../src/model/event.ts";
import { type ColumnRules, Columns } from "./columns.ts";
import { Definitions } from "./definitions.ts";
import type { Losses } from "./losses.ts";
import { columnType } from "./media_format.ts";
import { type Metric, MetricTable } from "./metric_table.ts";
import type { ColumnType, Outbox } from "./outbox.ts";

/** The run's keys, what it says about them, and their columns. */
export class Metrics<Series> {
  readonly user: MetricTable<Series> = new MetricTable(false);
  readonly system: MetricTable<Series> = new MetricTable(true);
  readonly definitions: Definitions = new Definitions();
  readonly #columns: Columns<Series>;
  readonly #losses: Losses;
  readonly #rules: ColumnRules;

  constructor(outbox: Outbox<Series>, losses: Losses, rules: ColumnRules) {
    this.#columns = new Columns(outbox, losses, rules);
    this.#losses = losses;
    this.#rules = rules;
  }

  /** Takes in a definition. SwanLab's own columns exist without points, so they are declared. */
  define(event: MetricEvent): void {
    const { key, kind, system = false, seq } = event;
    const metric = system ? this.system.of(key) : this.user.of(key);
    if (!metric.bare) {
      if (!this.definitions.changes(event)) return;
      this.#losses.converted(seq, "a definition comes after the key's first value", key);
      return;
    }
    this.definitions.add(event);
    const type = kind === undefined ? undefined : columnType(kind);
    if (!this.#rules.own || type === undefined || key.endsWith("*")) return;
    this.#columns.declare(metric, type, event);
  }

  /** The column for a key's numbers. */
  scalar(metric: Metric<Series>): Series {
    return metric.scalar ?? this.#declare(metric, "FLOAT");
  }

  /** The column for a key's media. */
  media(metric: Metric<Series>, type: ColumnType): Series {
    return metric.others.get(type) ?? this.#declare(metric, type);
  }

  #declare(metric: Metric<Series>, type: ColumnType): Series {
    return this.#columns.declare(metric, type, this.definitions.of(metric.key));
  }
}
