import process from "node:process";

/** ms between two looks at the memory. */
const interval = 250;
/** Bytes from which on garbage is not left lying: login nodes are shared. */
const enough = 96 << 20;
/** Bytes of growth that are worth collecting. */
const growth = 4 << 20;

/**
 * Has garbage collected while the process grows: left alone, the runtime lets it double first. Does
 * nothing under runtimes that do not offer it.
 */
export function keepSmall(): void {
  const collect = collector();
  if (collect === undefined) return;
  let known = enough;
  setInterval(() => {
    if (process.memoryUsage.rss() < known + growth) return;
    collect();
    known = Math.max(enough, process.memoryUsage.rss());
  }, interval).unref();
}

/** Bun's garbage collection, where this is Bun. */
function collector(): (() => void) | undefined {
  const bun: unknown = Reflect.get(globalThis, "Bun");
  if (typeof bun !== "object" || bun === null || !("gc" in bun)) return undefined;
  const { gc } = bun;
  return typeof gc === "function" ? () => void gc.call(bun, true) : undefined;
}
