import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exportCsv, exportJsonl } from "../../../src/cli/export_rows.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import { ListedReader } from "./listed_reader.ts";

const rows: readonly RunEvent[] = [
  { type: "config", seq: 0, set: { lr: 0.1 } },
  { type: "history", seq: 1, time: 1000.5, step: 0, values: { loss: 0.5, "acc,top": 1 } },
  { type: "history", seq: 2, step: 1, values: { loss: NaN, note: 'say "hi"\n', empty: "" } },
  { type: "history", seq: 3, step: 2, values: { big: 2n ** 70n, flag: true, list: [1, NaN] } },
  { type: "history", seq: 4, step: 2n ** 60n, values: { step: 7, time: 8, step_: 9, none: null } },
  { type: "history", seq: 5, step: 9, values: {} },
];

async function joined(arrays: AsyncIterable<readonly string[]>): Promise<string> {
  let all = "";
  for await (const lines of arrays) all += lines.join("");
  return all;
}

describe("export as CSV", () => {
  it("has a column per key in the order of their first use, and a line per row", async () => {
    const text = await joined(exportCsv(new ListedReader([rows.slice(0, 2), rows.slice(2)])));
    assert.deepEqual(text.split("\r\n"), [
      'step,time,loss,"acc,top",note,empty,big,flag,list,step_,time_,step__,none',
      "0,1000.5,0.5,1,,,,,,,,,",
      '1,,NaN,,"say ""hi""\n","",,,,,,,',
      '2,,,,,,1180591620717411303424,true,"[1,""NaN""]",,,,',
      "1152921504606846976,,,,,,,,,7,8,9,null",
      "9,,,,,,,,,,,,",
      "",
    ]);
  });

  it("leaves out rows that were added while it was reading", async () => {
    const reader = new ListedReader([rows.slice(0, 2)]);
    const texts = exportCsv(reader);
    await texts.next();
    reader.batches = [rows.slice(0, 2), rows.slice(2)];
    assert.equal(await joined(texts), "0,1000.5,0.5,1\r\n");
  });

  it("is only a head line for a run without history", async () => {
    assert.equal(await joined(exportCsv(new ListedReader([]))), "step,time\r\n");
  });
});

describe("export as JSON Lines", () => {
  it("has one flat object a row and keeps every value", async () => {
    const text = await joined(exportJsonl(new ListedReader([rows])));
    assert.deepEqual(text.split("\n"), [
      '{"step":0,"time":1000.5,"loss":0.5,"acc,top":1}',
      '{"step":1,"loss":"NaN","note":"say \\"hi\\"\\n","empty":""}',
      '{"step":2,"big":1180591620717411303424,"flag":true,"list":[1,"NaN"]}',
      '{"step":1152921504606846976,"step_":7,"time_":8,"step__":9,"none":null}',
      '{"step":9}',
      "",
    ]);
  });
});
