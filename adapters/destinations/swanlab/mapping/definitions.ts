import type { MetricEvent } from "../../../../src/model/event.ts";

/** A pattern that ends in `*`, and what it says of the keys that it fits. */
interface Pattern {
  readonly prefix: string;
  readonly event: MetricEvent;
}

/** What a column shows of a definition. */
const shown = ["stepMetric", "hidden", "section", "name", "color", "range", "error"] as const;

/**
 * What the run says about its keys. A key's own definition counts before a pattern's, and a longer
 * pattern before a shorter one; a later definition of the same key or pattern adds to the earlier.
 */
export class Definitions {
  readonly #keys = new Map<string, MetricEvent>();
  #patterns: Pattern[] = [];

  add(event: MetricEvent): void {
    const { key } = event;
    if (!key.endsWith("*")) {
      this.#keys.set(key, { ...this.#keys.get(key), ...event });
      return;
    }
    const prefix = key.slice(0, -1);
    const same = this.#patterns.find((pattern) => pattern.prefix === prefix);
    const others = this.#patterns.filter((pattern) => pattern !== same);
    this.#patterns = [...others, { prefix, event: { ...same?.event, ...event } }]
      .sort((left, right) => right.prefix.length - left.prefix.length);
  }

  /** The definition of a key, if there is one. */
  of(key: string): MetricEvent | undefined {
    return this.#keys.get(key) ??
      this.#patterns.find(({ prefix }) => key.startsWith(prefix))?.event;
  }

  /** Whether a definition says something of how its key is shown that was not known before. */
  changes({ key, ...said }: MetricEvent): boolean {
    const known = this.of(key);
    return shown.some((field) =>
      said[field] !== undefined && JSON.stringify(said[field]) !== JSON.stringify(known?.[field])
    );
  }
}
