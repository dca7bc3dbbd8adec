import type { HistoryValue } from "../../src/model/event.ts";
import { setKey } from "../../src/model/json.ts";
import { eventsOf, type MemoryRun, type Unnumbered } from "./memory_run.ts";

function row(step: number): Unnumbered {
  return {
    type: "history",
    step,
    time: 1_700_000_000_000 + step,
    values: { loss: 1 / (step + 1) },
  };
}

function rows(count: number): readonly Unnumbered[] {
  return [...Array(count).keys()].map(row);
}

const finish: Unnumbered = { type: "finish", state: "finished" };

/** A small run with one file, as most are. */
export const plainRun: MemoryRun = {
  events: eventsOf([
    { type: "config", set: { rate: 0.1 } },
    ...rows(20),
    { type: "file", name: "note.txt", file: { path: "files/note.txt" }, purpose: "saved" },
    finish,
  ]),
  files: new Map([["files/note.txt", "a note\n"], ["run.log", "the log\n"]]),
};

/** The same run, earlier: half of it is still to come. */
export const youngRun: MemoryRun = {
  events: plainRun.events.slice(0, 12),
  files: new Map([["run.log", "the l"]]),
  stamp: "young",
};

/** Another run whose directory has the same name. */
export const otherRun: MemoryRun = {
  ...plainRun,
  info: { id: "two", path: "/memory/elsewhere/run-1" },
  stamp: "other",
};

/** Values that are easily changed on the way. */
const oddNumbers: readonly HistoryValue[] = [0, -0, 1, 0.1, 5e-324, 1.7976931348623157e308]
  .concat([NaN, Infinity, -Infinity, 2 ** 53 - 1, -(2 ** 53) + 1, 4294967296, 1e21, 1 / 3]);

const oddTexts = ["", "\0", "\n", "\ud800", "\u{1f6a2}", "é", "é", "__proto__", "constructor"];

function oddValues(): { readonly [key: string]: HistoryValue } {
  const values: { [key: string]: HistoryValue } = {};
  for (const [at, value] of oddNumbers.entries()) setKey(values, `number ${at}`, value);
  for (const text of oddTexts) setKey(values, text, text);
  return {
    ...values,
    big: 2n ** 64n + 1n,
    negative: -(2n ** 53n) - 1n,
    no: false,
    nothing: null,
    list: [1, [NaN, "x", null], { a: [-0] }],
  };
}

const chart: Unnumbered = {
  type: "metric",
  key: "val/*",
  kind: "scalar",
  system: false,
  name: "validation",
  section: "val",
  stepMetric: "epoch",
  hidden: true,
  summary: ["min", "last"],
  goal: "minimize",
  color: ["#102030", "#a0b0c0"],
  range: [null, 1],
  error: { code: 1 },
  chart: { index: "a" },
};

const pictures: Unnumbered = {
  type: "media",
  step: 2n ** 60n,
  key: "picture",
  kind: "image",
  items: [
    { file: { path: "files/a.png", bytes: 3 }, caption: "A" },
    { file: { path: "files/empty" }, data: { boxes: [1, NaN] } },
    { text: "only text" },
  ],
};

const dataset: Unnumbered = {
  type: "artifact",
  direction: "output",
  kind: "dataset",
  name: "data",
  aliases: ["latest"],
  description: "d",
  metadata: { rows: 3 },
  entries: [
    { path: "a", digest: "x", bytes: 3, file: { path: "files/a.png" } },
    { path: "b", ref: "s3://bucket/b" },
  ],
};

/** Every type of event, and values that are easily changed on the way. */
export const everythingRun: MemoryRun = {
  info: { name: "everything", project: "project", workspace: "workspace", startedAt: 1.25 },
  events: eventsOf([
    { type: "config", set: { a: { b: [1, null] } }, remove: [["c", "d"]] },
    { type: "environment", metadata: { cpu: 2 }, requirements: "a==1\n", conda: "name: x\n" },
    chart,
    { type: "history", step: 0, values: {} },
    { type: "history", step: 1, time: 0.125, values: oddValues() },
    { type: "history", step: 2n ** 63n, values: { loss: 1 } },
    pictures,
    { type: "system", time: 5, values: { "cpu.0": 0.5, gpu: NaN } },
    { type: "system", step: 7, values: {} },
    { type: "console", stream: "stdout", text: "first", line: 1 },
    { type: "console", stream: "stderr", text: "second \u001b[1m", line: 2 },
    { type: "console", stream: "error", text: "", line: 3 },
    { type: "summary", set: { best: -0 }, remove: [["worst"]] },
    { type: "file", name: "a.png", file: { path: "files/a.png" }, purpose: "code" },
    dataset,
    { type: "alert", title: "t", text: "x", level: "WARN" },
    { type: "gap", offset: 10, bytes: 5, reason: "bad checksum" },
    { type: "unknown", record: 77, bytes: 3 },
    { type: "unknown", record: "strange", bytes: 0 },
    { type: "finish", state: "failed", exitCode: 1, error: "it broke" },
  ]),
  files: new Map([["files/a.png", "png"], ["files/empty", ""], ["run.log", "the log\n"]]),
};

/** The same run, with things that are easily taken for one another. */
export const clashingRun: MemoryRun = {
  ...everythingRun,
  events: eventsOf([
    ...everythingRun.events.slice(1, -1),
    { type: "history", step: 1, time: 0.125, values: { loss: 7 } },
    { type: "history", step: 1, time: 0.125, values: { loss: 8 } },
    { type: "history", step: 5, time: 0.125, values: { "a/": 1 } },
    { type: "history", step: 5, time: 0.125, values: { "a": 1 } },
    { type: "media", step: 5, key: "a", kind: "text", items: [{ text: "one" }] },
    { type: "media", step: 5, key: "a", kind: "text", items: [{ text: "two" }] },
    { type: "console", stream: "stdout", text: "again", line: 3 },
    { type: "file", name: "one", file: { path: "files/a.png" }, purpose: "saved" },
    { type: "file", name: "one", file: { path: "files/empty" }, purpose: "saved" },
    ...everythingRun.events.slice(-1),
  ]),
};

/** A run without its gaps. */
export function undamaged(run: MemoryRun): MemoryRun {
  return { ...run, events: eventsOf(run.events.slice(1).filter(({ type }) => type !== "gap")) };
}

/** A run that names a file that cannot be read, once by a row and once by its directory. */
export const unreadableRun: MemoryRun = {
  events: eventsOf([
    row(0),
    {
      type: "media",
      step: 0,
      time: 1_700_000_000_000,
      key: "picture",
      kind: "image",
      items: [{ file: { path: "/outside/missing.png" } }],
    },
    row(1),
    finish,
  ]),
  files: new Map([["run.log", "the log\n"]]),
};

/** Names that must not lead anywhere. */
export const hostileNames: readonly string[] = [
  "..",
  ".",
  "",
  "../../escaped",
  "/escaped",
  "a/b",
  "a\\b",
  "line\nbreak",
  "nul",
  "-rf",
  ".hidden",
  "trailing. ",
  "\u{1f6a2} ünï 名前",
  "x".repeat(300),
];

/** A run whose names and paths are hostile. */
export function hostileRun(name: string, id: string): MemoryRun {
  const paths = ["files/line\nbreak", "/etc/outside.bin", `files/${"y".repeat(250)}`]
    .concat(["files/ ünï 名前 \u{1f6a2}", "../beside.txt", "files/../../twice.txt"]);
  return {
    info: { directory: name, project: name, id, path: `/memory/${id}` },
    events: eventsOf([
      ...paths.map((path): Unnumbered => ({
        type: "file",
        name,
        file: { path },
        purpose: "saved",
      })),
      finish,
    ]),
    files: new Map(paths.map((path) => [path, `content of ${path}`])),
    stamp: id,
  };
}
