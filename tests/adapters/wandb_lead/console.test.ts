import assert from "node:assert/strict";
import { test } from "node:test";
import { eventsOf } from "./fixture_runs.ts";
import { field, output } from "./log_writer.ts";
import { readMade } from "./made_run.ts";

type Stream = "stdout" | "stderr";

async function linesOf(
  ...chunks: readonly (string | readonly [Stream, string])[]
): Promise<readonly (readonly [string, string])[]> {
  const records = chunks.map((chunk) =>
    typeof chunk === "string" ? output("stdout", chunk) : output(...chunk)
  );
  const { events } = await readMade(records);
  return eventsOf(events, "console").map(({ stream, text }) => [stream, text] as const);
}

const long = "y".repeat(65_536);

const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["lines end with a newline", ["a\nb\n"], ["a", "b"]],
  ["an empty line is a line", ["\n\na\n"], ["", "", "a"]],
  ["a line without its end is a line", ["a\nb"], ["a", "b"]],
  ["nothing printed is no line", ["", ""], []],
  ["chunks join to lines", ["a", "b", "\n", "c"], ["ab", "c"]],
  ["a carriage return rewrites", ["12345\rab\n"], ["ab345"]],
  ["a carriage return over chunks", ["progress 5%\r", "progress 10%", "\rdone\n"], [
    "doneress 10%",
  ]],
  ["CR LF is one end", ["a\r\nb\r\n"], ["a", "b"]],
  ["the cursor goes up", ["a\nb\n\x1b[A\x1b[AX\n"], ["X", "b"]],
  ["the cursor stays at the top", ["a\n\x1b[A\x1b[A\x1b[AX\n"], ["X"]],
  ["the cursor goes down to lines that are not there yet", ["a\x1b[B\rX\n"], ["a", "X"]],
  ["the column stays when the cursor goes up", ["a\nbcd\x1b[AX\n"], ["a  X", "bcd"]],
  ["an escape split over chunks", ["a\nb\n\x1b", "[", "A\rX"], ["a", "X"]],
  ["an escape that never ends is text", ["a\x1b["], ["a\x1b["]],
  ["colours are text", ["\x1b[31mred\x1b[0m\n"], ["\x1b[31mred\x1b[0m"]],
  ["other escapes are text", ["\x1b[2K\x1b[1A\n"], ["\x1b[2K\x1b[1A"]],
  ["text beyond the first plane", ["\u{1F680} \u4e2d\n"], ["\u{1F680} \u4e2d"]],
  ["a very long line goes on in the next one", [`${long}z\n`], [long, "z"]],
  ["a very long line over chunks", [long, "z", "\n"], [long, "z"]],
];

for (const [title, chunks, lines] of table) {
  test(`console: ${title}`, async () => {
    assert.deepEqual(await linesOf(...chunks), lines.map((text) => ["stdout", text]));
  });
}

test("console: two streams do not mix, and their lines come as they began", async () => {
  const lines = await linesOf("a", ["stderr", "x"], "b\nc", ["stderr", "y\n"], "d\n");
  assert.deepEqual(lines, [["stdout", "ab"], ["stderr", "xy"], ["stdout", "cd"]]);
});

test("console: an escape split by the other stream's output is put together", async () => {
  const lines = await linesOf("a\nb\n\x1b", ["stderr", "x\n"], "[A\rX\n");
  assert.deepEqual(lines, [["stdout", "a"], ["stdout", "X"], ["stderr", "x"]]);
});

test("console: thousands of lines come complete, in order and numbered", async () => {
  const texts = Array.from({ length: 5000 }, (_, at) => `line ${at}`);
  const records = texts.map((text, at) => output(at % 3 === 0 ? "stderr" : "stdout", `${text}\n`));
  const { events } = await readMade(records);
  const lines = eventsOf(events, "console");
  assert.deepEqual(lines.map(({ text }) => text), texts);
  assert.deepEqual(lines.map(({ line }) => line), texts.map((_, at) => at + 1));
});

test("console: a silent stream does not hold back the other one", async () => {
  const texts = Array.from({ length: 500 }, (_, at) => `${at}`);
  const { events } = await readMade([
    output("stderr", "unfinished"),
    ...texts.map((text) => output("stdout", `${text}\n`)),
    output("stderr", " end\n"),
  ]);
  const lines = eventsOf(events, "console");
  assert.deepEqual(
    lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text),
    texts,
  );
  const errors = lines.filter(({ stream }) => stream === "stderr").map(({ text }) => text);
  assert.equal(errors.join("").replaceAll(" ", ""), "unfinishedend");
});

test("console: a line's time is when it was last written to", async () => {
  const { events } = await readMade([output("stdout", "a", 5), output("stdout", "b\n", 7)]);
  assert.deepEqual(eventsOf(events, "console").map(({ time }) => time), [7000]);
});

test("console: lines of captured loggers are lines of stdout", async () => {
  const { events } = await readMade([field(27, field(1, "logged\n"))]);
  const [line] = eventsOf(events, "console");
  assert.deepEqual([line?.stream, line?.text, line?.time], ["stdout", "logged", undefined]);
});
