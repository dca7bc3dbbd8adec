import type { Integer, Json } from "../model/json.ts";
import { Sketch } from "./sparkline.ts";

/** Buckets that a metric's shape is kept in. */
const buckets = 128;

/** What is known of one key's points; of constant size. */
export class MetricDetails {
  readonly key: string;
  points = 0;
  firstStep: Integer | undefined;
  lastStep: Integer | undefined;
  last: Json = null;
  /** Of the finite numbers; undefined when there was none. */
  min: number | undefined;
  max: number | undefined;
  readonly sketch: Sketch = new Sketch(buckets);

  constructor(key: string) {
    this.key = key;
  }

  /** Takes one more point. */
  add(value: Json, step: Integer | undefined): void {
    this.points++;
    this.last = value;
    if (step !== undefined) {
      this.firstStep ??= step;
      this.lastStep = step;
    }
    const number = toNumber(value);
    if (number === undefined) return;
    this.sketch.add(number);
    if (!Number.isFinite(number)) return;
    if (this.min === undefined || number < this.min) this.min = number;
    if (this.max === undefined || number > this.max) this.max = number;
  }
}

function toNumber(value: Json): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") {
    return Number(value);
  }
  return undefined;
}
