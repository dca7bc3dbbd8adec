import type { Buffer } from "node:buffer";
import { parseLosslessJson } from "../../src/codec/lossless_json.ts";
import { at, itemsAt, textAt } from "../interop/json_path.ts";
import type { Answered, Asked } from "./edited_host.ts";

/**
 * Counts every point that a host accepted. Ours makes one of two equal points; others keep both, so
 * that nothing may be stored twice.
 */
export class Ledger {
  /** By run. */
  readonly #points = new Map<string, Map<string, number>>();

  /** Takes note of a request that the host has answered. */
  note({ method, path, body }: Asked, { status }: Answered): void {
    if (method === "POST" && path === "/api/house/metrics" && status < 300) this.#add(body);
  }

  /** Every point of a run that was stored more than once, and how often. */
  doubled(run: string): readonly (readonly [string, number])[] {
    return [...this.#points.get(run) ?? []].filter(([, count]) => count > 1);
  }

  #add(body: Buffer): void {
    const value = parseLosslessJson(body.toString());
    const run = textAt(value, "experimentId");
    const points = this.#points.get(run) ?? new Map<string, number>();
    this.#points.set(run, points);
    for (const item of itemsAt(value, "metrics")) {
      const place = String(at(item, "index") ?? at(item, "epoch"));
      const name = `${textAt(value, "type")} ${textAt(item, "key")} at ${place}`;
      points.set(name, (points.get(name) ?? 0) + 1);
    }
  }
}
