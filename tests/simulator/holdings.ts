import { parseLog, type Row, rowsOf } from "./model_log.ts";
import type { Hosts } from "./program.ts";
import type { Tracked } from "./tracker.ts";

/** What the hosts really have, seen from outside of all programs. */
export class Holdings {
  readonly #hosts: Hosts;
  /** Values that the service had, and lost later. */
  readonly #lost = new Set<number>();

  constructor(hosts: Hosts) {
    this.#hosts = hosts;
  }

  /** Has the service lose the last row of a run. */
  lose(id: string): void {
    const row = this.#hosts.service.lose(id);
    if (row !== undefined) this.#lost.add(row.value);
  }

  /** Which of these rows a host does not have exactly once; what it lost later does not count. */
  missing(name: keyof Hosts, tracked: Pick<Tracked, "id">, rows: readonly Row[]): readonly Row[] {
    if (name === "service") {
      return this.lacking(tracked, rows).filter((row) => !this.#lost.has(row.value));
    }
    const kept = this.#keptValues(tracked);
    return rows.filter(({ value }) => !kept.has(value));
  }

  /** Which of these rows the service does not have exactly once now. */
  lacking({ id }: Pick<Tracked, "id">, rows: readonly Row[]): readonly Row[] {
    const stored = this.#hosts.service.stored(id);
    return rows.filter(({ step, value }) => {
      const there = stored.filter((each) => each.step === step);
      return there.length !== 1 || there[0]?.value !== value;
    });
  }

  /** Steps that the service has more than once. */
  doubled(id: string): readonly number[] {
    const steps = this.#hosts.service.stored(id).map(({ step }) => step);
    return steps.filter((step, at) => steps.indexOf(step) !== at);
  }

  /** Why a directory must not be deleted; undefined when all in it is where it was to go. */
  objection(tracked: Tracked, to: readonly (keyof Hosts)[]): string | undefined {
    const text = tracked.log.content.toString();
    const lines = parseLog(text);
    if (lines.at(-1)?.type !== "finish") return "the run has not ended";
    if (lines.includes(undefined)) return "its log is damaged";
    if (to.length === 0) return "nobody was asked for a proof";
    for (const name of to) {
      const rows = rowsOf(text);
      const missing = name === "service"
        ? this.lacking(tracked, rows)
        : this.missing(name, tracked, rows);
      if (missing.length > 0) return `${name} lacks ${JSON.stringify(missing)}`;
    }
    return undefined;
  }

  #keptValues({ id }: Pick<Tracked, "id">): ReadonlySet<unknown> {
    const values = new Set<unknown>();
    for (const { events } of this.#hosts.keeper.values()) {
      if (events[0]?.type !== "run" || events[0].id !== id) continue;
      for (const event of events) if (event.type === "history") values.add(event.values["loss"]);
    }
    return values;
  }
}
