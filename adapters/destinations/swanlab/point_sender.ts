import { Retry } from "../../../src/net/retry.ts";
import { parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import { itemSeparator } from "./item_text.ts";
import { numberOf, objectOf, textOf } from "./json_reply.ts";
import type { PointBatch, PointType } from "./point_batch.ts";
import type { Session, Submission } from "./session.ts";
import { settling } from "./settling.ts";
import type { Steps } from "./step_groups.ts";

/** What a host has of some keys; undefined for a host that cannot be asked. */
export type Look = (
  type: PointType,
  keys: readonly string[],
) => Promise<ReadonlyMap<string, Steps> | undefined>;

/** What points are sent to. */
export interface PointTarget {
  readonly session: Session;
  readonly projectId: string;
  readonly runId: string;
  readonly look: Look;
}

/** Keeps log lines apart from any key of a user: they are stored under no key. */
export const logKey = "";

/**
 * Has a batch accepted exactly once: too large a one is halved, and after an unclear outcome the
 * host is asked what it has before the rest is sent again.
 * @throws {ToolError} when the host refuses it, or does not recover in time.
 */
export async function sendPoints(target: PointTarget, batch: PointBatch): Promise<void> {
  const { type } = batch;
  const result = await submit(target, type, batch.body(headOf(target, type), tail));
  if (result.outcome === "accepted") return;
  await sendRest(target, type, batch.text, result);
}

const tail = "]}";

function headOf({ projectId, runId }: PointTarget, type: PointType): string {
  const head = JSON.stringify({ projectId, experimentId: runId, type });
  return `${head.slice(0, -1)},"metrics":[`;
}

function submit(
  { session, runId }: PointTarget,
  type: PointType,
  body: string | Uint8Array,
  retry: Retry = new Retry(session.context),
): Promise<Submission> {
  const what = `store ${type === "log" ? "log lines" : `${type} points`} of the run ${runId}`;
  return session.submit({ method: "POST", path: "/house/metrics", body, what }, retry);
}

/** Goes on with items that were not simply accepted. */
async function sendRest(
  target: PointTarget,
  type: PointType,
  items: string,
  first: Submission,
): Promise<void> {
  const retry = new Retry(target.session.context);
  let text = items;
  for (let result = first; result.outcome !== "accepted";) {
    if (result.outcome === "large") {
      await sendHalves(target, type, text, result.error);
      return;
    }
    if (!await retry.again(result.error)) throw result.error;
    const left = await unstored(target, type, text);
    // Sending again what may be there would be there twice.
    if (left === undefined) throw result.error;
    if (left === "") return;
    text = left;
    result = await submit(target, type, headOf(target, type) + text + tail, retry);
  }
}

async function sendHalves(
  target: PointTarget,
  type: PointType,
  text: string,
  error: Error,
): Promise<void> {
  const items = text.split(itemSeparator);
  if (items.length === 1) throw error;
  const middle = Math.ceil(items.length / 2);
  for (const half of [items.slice(0, middle), items.slice(middle)]) {
    const part = half.join(itemSeparator);
    const result = await submit(target, type, headOf(target, type) + part + tail);
    if (result.outcome !== "accepted") await sendRest(target, type, part, result);
  }
}

/**
 * The items of a batch that a host does not have, once it had time to store what it got; undefined
 * when it cannot be asked.
 */
async function unstored(
  { session: { context }, look }: PointTarget,
  type: PointType,
  text: string,
): Promise<string | undefined> {
  const items = text.split(itemSeparator);
  const places = items.map(placeOf);
  const keys = [...new Set(places.map(({ key }) => key))];
  const end = context.now() + settling;
  let wait = 250;
  while (true) {
    const held = await look(type, keys);
    if (held === undefined) return undefined;
    const left = items.filter((_, at) => {
      const place = places[at];
      return place === undefined || !held.get(place.key)?.has(place.step);
    });
    // A part that is there says nothing about the rest, which may come later.
    if (left.length === 0 || context.now() + wait > end) return left.join(itemSeparator);
    await context.wait(wait);
    wait *= 2;
  }
}

/** Where an item belongs: lines of the log by their number, under no key. */
function placeOf(item: string): { readonly key: string; readonly step: number } {
  const value = objectOf(parseLosslessJson(item));
  const step = numberOf(value["index"]) ?? numberOf(value["epoch"]) ?? -1;
  return { key: textOf(value["key"]) ?? logKey, step };
}
