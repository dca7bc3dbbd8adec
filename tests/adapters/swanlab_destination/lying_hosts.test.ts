import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { inScratch } from "../../contract/scratch.ts";
import type { Asked, Edits } from "../../faults/edited_host.ts";
import { openFaultProxy } from "../../faults/fault_proxy.ts";
import { ferryTo, openTestHost, patientContext } from "../../faults/ferried_run.ts";

/** Whether a request brings points of a kind. */
function brings({ method, path, body }: Asked, type: string): boolean {
  return method === "POST" && path === "/api/house/metrics" && body.includes(`"type":"${type}"`);
}

/** A point as it stands in a body, found by what it begins with. */
function pointOf(text: string, beginning: string): string {
  const from = text.indexOf(beginning);
  if (from === -1) return "";
  const end = text.indexOf("}", text.indexOf("create_time", from)) + 1;
  return text.slice(from, end);
}

/** A host that gets a point of a kind otherwise than it was sent. */
function mangled(type: string, beginning: string, mangle: (point: string) => string): Edits {
  return {
    request(asked): Buffer {
      if (!brings(asked, type)) return asked.body;
      const text = asked.body.toString();
      const point = pointOf(text, beginning);
      if (point === "") return asked.body;
      const mended = text.replace(point, () => mangle(point)).replace(/\[,\n/, "[")
        .replace(/,\n(?=,\n|\])/, "");
      return Buffer.from(mended);
    },
  };
}

/** A host that answers a question otherwise than it should, whenever it is asked. */
function told(path: RegExp, change: (text: string) => string): Edits {
  return {
    answer(asked, { body }): Buffer {
      return path.test(asked.path) ? Buffer.from(change(body.toString("latin1")), "latin1") : body;
    },
  };
}

function dropped(): string {
  return "";
}

/** The second point of the first key, once more. */
function repeatPoint(text: string): string {
  const [column] = JSON.parse(text) as [{ metrics: unknown[] }];
  column.metrics.push(column.metrics[1]);
  return JSON.stringify([column]);
}

const loss = '{"key":"loss","index":12,';
const image = '{"key":"img","index":3,';
const line = '{"level":"INFO","message":"line 4"';

/** What hosts do to what they are given, and what must be said of it. */
const lies: { readonly [name: string]: readonly [Edits, RegExp] } = {
  "drops a point": [mangled("scalar", loss, dropped), /"loss".* step 12 is missing/],
  "changes a value": [
    mangled("scalar", loss, (point) => point.replace(/"data":[^,]*/, '"data":0.5')),
    /"loss".*: the value held at step 12 is not the one delivered/,
  ],
  "moves a point to another step": [
    mangled("scalar", loss, (point) => point.replace('"index":12', '"index":112')),
    /"loss".* step 12 is missing/,
  ],
  "changes a time": [
    mangled("scalar", loss, (point) => point.replace(/T\d\d/, "T07")),
    /"loss".*: the times held are not the ones delivered/,
  ],
  "drops a media point": [mangled("media", image, dropped), /"img".* step 3 is missing/],
  "changes a caption": [
    mangled("media", image, (point) => point.replace("picture 3", "picture 4")),
    /"img".*: the value held at step 3 is not the one delivered/,
  ],
  "drops a caption": [
    mangled("media", image, (point) => point.replace(/"more":\[.*?\]/, '"more":[]')),
    /"img".*: the value held at step 3 is not the one delivered/,
  ],
  "drops a line": [mangled("log", line, dropped), /The log.* step 5 is missing/],
  "changes a line": [
    mangled("log", line, (point) => point.replace("line 4", "line 5")),
    /The log: the value held at step 5 is not the one delivered/,
  ],
  "drops everything of a kind": [
    { request: (asked) => brings(asked, "scalar") ? undefined : asked.body },
    /"loss" is not held/,
  ],
  "changes the bytes of an object": [
    {
      request: ({ method, path, body }) =>
        method === "PUT" && path.includes("/signed/object/") ? Buffer.from("other bytes!!!") : body,
    },
    /Object ".*png": the content held is not the one delivered/,
  ],
  "never stores an object": [
    {
      request: ({ method, path, body }) =>
        method === "PUT" && path.includes("/signed/object/") ? undefined : body,
    },
    /Object ".*png" is not held/,
  ],
  "changes a cell of the table": [
    told(/\/signed\/export\//, (text) => text.replace(/^12,([^,]*),/m, "12,0.5,")),
    /"loss".*: the value held at step 12 is not the one delivered/,
  ],
  "leaves a row out of the table": [
    told(/\/signed\/export\//, (text) => text.replace(/^12,.*\n/m, "")),
    /"loss".* step 12 is missing/,
  ],
  "cuts the table off": [
    told(/\/signed\/export\//, (text) => text.slice(0, text.indexOf("\n12,") + 1)),
    /"loss".* step 12, 13, 14 … is missing/,
  ],
  "repeats a row of the table": [
    told(/\/signed\/export\//, (text) => text.replace(/^12,.*\n/m, "$&$&")),
    /"loss": 1 points are held more than once/,
  ],
  "repeats a media point": [
    told(/f_media/, repeatPoint),
    /"img": 1 points are held more than once/,
  ],
  "repeats a line": [
    told(/metrics\/log\?/, (text) => text.replace(/\{[^{}]*"line 4"[^{}]*\}/, "$&,$&")),
    /The log: 1 points are held more than once/,
  ],
  "keeps no config": [
    {
      request: ({ path, body }) =>
        path.endsWith("/profile")
          ? Buffer.from(body.toString().replace('"value":0.1', '"value":0.2'))
          : body,
    },
    /config held is not the one delivered/,
  ],
  "changes the bytes of a saved file": [
    told(/\/experiment\/[^/]*\/files$/, (text) => text.replace(/"sha256":"../, '"sha256":"xx')),
    /File ".*": the content held is not the one delivered/,
  ],
};

for (const [name, [edits, expected]] of Object.entries(lies)) {
  test(`of a host that ${name}, that is said`, async () => {
    await inScratch(async (scratch) => {
      await using host = await openTestHost(scratch, edits);
      await using proxy = await openFaultProxy({ target: host.url });
      const outcome = await ferryTo(proxy.url, 0, patientContext(proxy));
      assert.equal(outcome.error?.code, "verify", JSON.stringify(outcome));
      assert.match(outcome.differences.join("\n"), expected);
      assert.equal(outcome.assurance, "none");
    });
  });
}
