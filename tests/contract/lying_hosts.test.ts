import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  type LosslessObject,
  type LosslessValue,
  parseLosslessJson,
  writeLosslessJson,
} from "../../src/codec/lossless_json.ts";
import type { Edits } from "../faults/edited_host.ts";
import { at, itemsAt, textAt } from "../interop/json_path.ts";
import { failures } from "./case.ts";
import { serviceKit } from "./destination_kit.ts";
import { swanlabPlace } from "./swanlab_place.ts";

/** A host that stores points, media or lines otherwise than they came. */
function storing(
  type: "scalar" | "media" | "log",
  change: (item: LosslessObject) => readonly LosslessObject[],
): Edits {
  return {
    request({ method, path, body }): Buffer {
      if (method !== "POST" || path !== "/api/house/metrics") return body;
      const value = parseLosslessJson(body.toString());
      if (textAt(value, "type") !== type) return body;
      const metrics = itemsAt(value, "metrics").flatMap((item) => change(item as LosslessObject));
      return Buffer.from(writeLosslessJson({ ...value as LosslessObject, metrics }));
    },
  };
}

/** A host that says yes to requests, and does nothing. */
function ignoring(address: RegExp): Edits {
  return { request: ({ path, body }) => address.test(path) ? undefined : body };
}

function isAt(item: LosslessObject, key: string, step: number): boolean {
  return textAt(item, "key") === key && at(item, "index") === step;
}

function withoutFirst(value: LosslessValue | undefined): readonly LosslessValue[] {
  return Array.isArray(value) ? value.slice(1) : [];
}

const announced = "verifies what was delivered, with the assurance that it announces";
const everything = "keeps every type of event and every value";
const lost = "names a file that cannot be read as lost, and keeps the rest";
const apart = "keeps runs apart that share the name of their directory";
const cancelled = "goes on with a run that its user broke off, as if it had been sent at once";
const flushed = "has what was flushed, and goes on from there as if it had been sent at once";
const holes = "fills the holes of a run, as if it had been sent at once";
const recognises = "recognises all of a run that it holds, and takes nothing of it again";
const grown = "takes of a run that has grown what is new";
const expected = "verifies what it is told to expect";

/** Cases with many runs, or a long one, which would find nothing that the others do not. */
const long: readonly string[] = [
  "writes nowhere else, whatever the names",
  "keeps something of every event, or names it as lost",
  "goes on with a run whose events broke off, as if it had been sent at once",
  "finds every difference to what it is told to expect",
  "stores nothing of what it is told to expect",
];
const kit = serviceKit.filter(({ name }) => !long.includes(name));

/** A host that lies, and the cases that must notice: these and no others. */
interface Lie {
  readonly what: string;
  readonly edits: Edits;
  readonly fails: readonly string[];
}

const lies: readonly Lie[] = [
  {
    what: "drops one point",
    edits: storing("scalar", (item) => isAt(item, "loss", 4) ? [] : [item]),
    fails: [announced, apart, cancelled, flushed, holes, recognises, grown, expected],
  },
  {
    what: "stores one point twice, the second time at another step",
    edits: storing(
      "scalar",
      (item) => isAt(item, "loss", 4) ? [item, { ...item, index: 20_000 }] : [item],
    ),
    fails: [announced, cancelled, flushed, holes, grown],
  },
  {
    what: "alters one value",
    edits: storing("scalar", (item) => [isAt(item, "loss", 4) ? { ...item, data: 0.125 } : item]),
    fails: [announced, apart, cancelled, flushed, holes, recognises, grown, expected],
  },
  {
    what: "drops the point of one picture",
    edits: storing("media", (item) => isAt(item, "picture", 4) ? [] : [item]),
    fails: [cancelled, flushed, holes, recognises, grown, expected],
  },
  {
    what: "drops one of several pictures of a point",
    edits: storing("media", (item) => {
      if (itemsAt(item, "data").length < 2) return [item];
      return [{ ...item, data: withoutFirst(item["data"]), more: withoutFirst(item["more"]) }];
    }),
    fails: [everything],
  },
  {
    what: "drops one line",
    edits: storing("log", (item) => at(item, "epoch") === 2 ? [] : [item]),
    fails: [everything, cancelled, flushed, holes, recognises, grown, expected],
  },
  {
    what: "stores one line twice, the second time at the end",
    edits: storing(
      "log",
      (item) => at(item, "epoch") === 2 ? [item, { ...item, epoch: 500 }] : [item],
    ),
    fails: [everything, cancelled, flushed, holes, grown],
  },
  {
    what: "accepts points and stores none",
    edits: ignoring(/^\/api\/house\/metrics$/),
    fails: [
      announced,
      everything,
      lost,
      apart,
      cancelled,
      flushed,
      holes,
      recognises,
      grown,
      expected,
    ],
  },
  {
    what: "accepts objects and stores none",
    edits: ignoring(/\/signed\/object\//),
    fails: [everything, cancelled, flushed, holes, recognises, grown, expected],
  },
  {
    what: "hears of the end and forgets it",
    edits: ignoring(/\/state$/),
    fails: [
      announced,
      everything,
      lost,
      apart,
      cancelled,
      flushed,
      holes,
      recognises,
      grown,
      expected,
    ],
  },
  {
    what: "hears of the config and forgets it",
    edits: ignoring(/\/profile$/),
    fails: [announced, everything, apart, cancelled, flushed, holes, recognises, grown, expected],
  },
];

for (const { what, edits, fails } of lies) {
  test(`before a host that ${what}, the cases named for it fail, and no others`, async () => {
    const failed = await failures(kit, swanlabPlace(1, edits));
    assert.deepEqual([...failed.keys()].sort(), [...fails].sort());
  });
}
