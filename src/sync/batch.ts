import type { RunEvent } from "../model/event.ts";

/**
 * Splits and joins arrays of events into batches of at most `size`, in order. Each batch but the
 * last holds exactly `size` events.
 */
export async function* batches(
  arrays: AsyncIterable<readonly RunEvent[]>,
  size: number,
): AsyncGenerator<readonly RunEvent[]> {
  if (!(size >= 1)) {
    throw new RangeError(`A batch needs a size of at least 1, not ${size}`);
  }
  let pending: readonly RunEvent[] = [];
  for await (const array of arrays) {
    let start = 0;
    if (pending.length > 0) {
      start = Math.min(array.length, size - pending.length);
      pending = pending.concat(array.slice(0, start));
      if (pending.length < size) continue;
      yield pending;
    }
    for (; array.length - start >= size; start += size) {
      yield array.slice(start, start + size);
    }
    pending = array.slice(start);
  }
  if (pending.length > 0) yield pending;
}
