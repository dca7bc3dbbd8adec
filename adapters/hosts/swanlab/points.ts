/** The points of one key in columns, by ascending step, each step once. */
export interface Points {
  readonly steps: Float64Array;
  /** ms since epoch. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** Collects the points of one key in the order in which they were sent. */
export class PointCollector {
  #steps: Float64Array = new Float64Array(64);
  #times: Float64Array = new Float64Array(64);
  #values: Float64Array = new Float64Array(64);
  #count = 0;
  #ascending = true;

  /** Adds a point; of several at one step the last one counts. */
  add(step: number, time: number, value: number): void {
    const at = this.#count;
    if (at === this.#steps.length) this.#grow();
    if (at > 0 && step <= (this.#steps[at - 1] as number)) this.#ascending = false;
    this.#steps[at] = step;
    this.#times[at] = time;
    this.#values[at] = value;
    this.#count++;
  }

  /** What was collected, in order. */
  points(): Points {
    const points = {
      steps: this.#steps.subarray(0, this.#count),
      times: this.#times.subarray(0, this.#count),
      values: this.#values.subarray(0, this.#count),
    };
    return this.#ascending ? points : inOrder(points);
  }

  #grow(): void {
    const size = 2 * this.#steps.length;
    this.#steps = larger(this.#steps, size);
    this.#times = larger(this.#times, size);
    this.#values = larger(this.#values, size);
  }
}

function larger(column: Float64Array, size: number): Float64Array {
  const copy = new Float64Array(size);
  copy.set(column);
  return copy;
}

function inOrder({ steps, times, values }: Points): Points {
  const order = new Uint32Array(steps.length);
  for (let at = 0; at < order.length; at++) order[at] = at;
  // Of equal steps the later one comes later, so that it is the one that stays.
  order.sort((left, right) => (steps[left] as number) - (steps[right] as number) || left - right);
  let kept = 0;
  for (let at = 0; at < order.length; at++) {
    const place = order[at] as number;
    const next = order[at + 1];
    if (next !== undefined && steps[next] === steps[place]) continue;
    order[kept++] = place;
  }
  const pick = (column: Float64Array): Float64Array => {
    const picked = new Float64Array(kept);
    for (let at = 0; at < kept; at++) picked[at] = column[order[at] as number] as number;
    return picked;
  };
  return { steps: pick(steps), times: pick(times), values: pick(values) };
}
