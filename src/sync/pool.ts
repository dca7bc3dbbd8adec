/**
 * Works on many items, at most `jobs` at a time, and yields each result as it is ready. When the
 * consumer stops, no new work begins and what runs is waited for.
 */
export async function* pool<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  jobs: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running = new Set<
    Promise<{ readonly done: Promise<unknown>; readonly result: Result }>
  >();
  const start = (item: Item): void => {
    const done: Promise<
      { readonly done: Promise<unknown>; readonly result: Result }
    > = work(item)
      .then((result) => ({ done, result }));
    running.add(done);
  };
  const next = async (): Promise<Result> => {
    const { done, result } = await Promise.race(running);
    for (const promise of running) {
      if (promise === done) running.delete(promise);
    }
    return result;
  };
  try {
    for await (const item of items) {
      start(item);
      if (running.size >= jobs) yield await next();
    }
    while (running.size > 0) yield await next();
  } finally {
    await Promise.allSettled(running);
  }
}
