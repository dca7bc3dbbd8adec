import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { test } from "node:test";
import type { RunEvent } from "../../../src/model/event.ts";
import { eventsOf, type MemoryRun } from "../../contract/memory_run.ts";
import type { Edits } from "../../faults/edited_host.ts";
import { type Fault, faults } from "../../faults/fault_proxy.ts";
import { ferriedRun } from "../../faults/ferried_run.ts";
import { sweep } from "../../faults/sweep.ts";

/** Whether an event was ferried before, when holes were left in the middle of everything. */
function isHalf(event: RunEvent): boolean {
  switch (event.type) {
    case "history":
      return event.step < 5 || event.step > 8 && event.step < 15;
    case "console":
      return event.line !== undefined && event.line % 3 !== 0;
    case "media":
    case "system":
      return false;
    case "file":
      return event.name === "note.txt";
    default:
      return true;
  }
}

const halfRun: MemoryRun = { ...ferriedRun, events: ferriedRun.events.filter(isHalf) };

/** How it is verified then is no different from any other ferry. */
const until = "PUT /api/project/ferry/project/runs/run/state";

for (const fault of faults) {
  test(`"${fault}" while holes are filled costs nothing, or is told and healed`, async () => {
    assert.deepEqual(await sweep({ fault, run: ferriedRun, before: halfRun, until }), []);
  });
}

const start = 1_700_000_000_000;

/** More than one request takes of points, and of a file. */
const largeRun: MemoryRun = {
  info: ferriedRun.info ?? {},
  events: eventsOf([
    ...Array.from({ length: 10_020 }, (_, step) => ({
      type: "history" as const,
      step,
      time: start + step,
      values: { loss: 1 / (step + 1) },
    })),
    { type: "file", name: "model.bin", file: { path: "model.bin" }, purpose: "saved" },
    { type: "finish", state: "finished" },
  ]),
  files: new Map([["model.bin", "a model ".repeat((9 << 20) / 8)]]),
};

const ofLargeThings = /house\/metrics$|metrics\/scalar|multipart|\/signed\/|files\/complete/;

for (const fault of faults) {
  test(`"${fault}" at a part of something large costs nothing, or is told and healed`, async () => {
    const of = (name: string): boolean => ofLargeThings.test(name);
    assert.deepEqual(await sweep({ fault, run: largeRun, of }), []);
  });
}

/** Failures that pass: however many come one behind the other, the ferry goes on. */
const passing: readonly Fault[] = ["reset before", "reset after", "500 after", "503", "truncated"];

for (const fault of passing) {
  test(`"${fault}" at any five requests of a ferry, one behind the other, costs nothing`, async () => {
    assert.deepEqual(await sweep({ fault, run: ferriedRun, times: 5 }), []);
  });
}

test("steps too large for a number to count on are stored once", async () => {
  const run: MemoryRun = {
    info: ferriedRun.info ?? {},
    events: eventsOf([
      { type: "history", step: 2 ** 60, time: start, values: { loss: 1 } },
      {
        type: "media",
        step: 2 ** 60,
        time: start,
        key: "img",
        kind: "image",
        items: [{ file: { path: "a.png" } }],
      },
      { type: "finish", state: "finished" },
    ]),
    files: new Map([["a.png", "the bytes of a"]]),
  };
  const of = (name: string): boolean => name === "POST /api/house/metrics";
  assert.deepEqual(await sweep({ fault: "reset after", run, of }), []);
});

/** Whatever a host does not do at all is told, and what it did before stays right. */
const lasting: readonly Fault[] = ["401", "403", "413", "429", "500 after", "html", "redirect"];

for (const fault of lasting) {
  test(`"${fault}" at all requests of a kind is told and healed`, async () => {
    assert.deepEqual(await sweep({ fault, run: ferriedRun, always: true }), []);
  });
}

/** A host that does not know an upload any more once it is completed. */
function forgetful(): Edits {
  const completed = new Set<string>();
  return {
    answer({ path, body }, answered): Buffer | number {
      if (!path.endsWith("/files/complete-multipart")) return answered.body;
      const text = body.toString();
      if (completed.has(text)) return 404;
      completed.add(text);
      return answered.body;
    },
  };
}

/** A host that only tells the last step of each key. */
function taciturn(): Edits {
  const untold = /metrics\/(scalar\/export|f_media|log\?)|\/files$/;
  return { answer: ({ path }, { body }) => untold.test(path) ? 404 : body };
}

/** Failures with an outcome that nobody can know. */
const unclear: readonly Fault[] = ["reset before", "reset after", "500 after", "html", "truncated"];

for (const fault of unclear) {
  test(`"${fault}" does no harm where what is completed is forgotten`, async () => {
    const of = (name: string): boolean => /multipart/.test(name);
    assert.deepEqual(await sweep({ fault, run: largeRun, edits: forgetful, of }), []);
  });

  test(`"${fault}" does no harm where only the last step of a key is told`, async () => {
    const assurance = "accepted";
    assert.deepEqual(await sweep({ fault, run: ferriedRun, edits: taciturn, assurance }), []);
  });
}
