import { Buffer } from "node:buffer";
import type { Asked } from "../../faults/edited_host.ts";
import { openTestHost, type TestHost } from "../../faults/ferried_run.ts";

/** How a host is slow. */
export interface Slowness {
  /** ms between accepting points and having them, for the first and the second half of a body. */
  readonly lags: readonly [number, number];
  /** ms since epoch. */
  now(): number;
}

/** Points on their way into the store. */
interface Queued {
  readonly asked: Asked;
  readonly due: number;
}

/** Opens a host that stores points only some time after it accepted them, as SwanLab does. */
export async function openSlowHost(
  directory: string,
  { lags: [first, second], now }: Slowness,
): Promise<TestHost> {
  let queue: readonly Queued[] = [];
  const store = async (): Promise<void> => {
    const due = queue.filter((queued) => queued.due <= now());
    queue = queue.filter((queued) => queued.due > now());
    for (const { asked } of due) await host.forward(asked);
  };
  const host: TestHost = await openTestHost(directory, {
    async request(asked): Promise<Buffer | undefined> {
      await store();
      if (asked.method !== "POST" || asked.path !== "/api/house/metrics") return asked.body;
      const [left, right] = halves(asked);
      queue = [...queue, { asked: left, due: now() + first }, {
        asked: right,
        due: now() + second,
      }];
      return undefined;
    },
  });
  return host;
}

/** One request with the first half of its points, and one with the rest. */
function halves(asked: Asked): readonly [Asked, Asked] {
  const items = asked.body.toString().split(",\n");
  const [head = "", ...open] = (items[0] ?? "").split('"metrics":[');
  const all = [open.join('"metrics":['), ...items.slice(1)].join(",\n").slice(0, -"]}".length)
    .split(",\n");
  const middle = Math.ceil(all.length / 2);
  const part = (some: readonly string[]): Asked => ({
    ...asked,
    body: Buffer.from(`${head}"metrics":[${some.join(",\n")}]}`),
  });
  return [part(all.slice(0, middle)), part(all.slice(middle))];
}
