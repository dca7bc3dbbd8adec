import type { LogItem, RecordLog } from "./record_log.ts";

/**
 * The items of a growing log. `rest` is called whenever all that is there was passed on, and tells
 * whether there is more to read, nothing came for a while, or the log is to be taken as it is. An
 * empty array says that nothing came. Once `isOver`, the first quiet moment is the end.
 */
export async function* followItems(
  log: RecordLog,
  rest: () => Promise<"grown" | "quiet" | "end">,
  isOver: () => boolean,
): AsyncGenerator<readonly LogItem[], void, undefined> {
  for (;;) {
    yield* log.items();
    const found = await rest();
    if (found === "end" || found === "quiet" && isOver()) break;
    if (found === "quiet") yield [];
  }
  log.complete();
  yield* log.items();
}
