import assert from "node:assert/strict";
import { test } from "node:test";
import { Console } from "../../../adapters/sources/wandb/console.ts";
import { RunEvents } from "../../../adapters/sources/wandb/run_events.ts";
import type { ConsoleEvent } from "../../../src/model/event.ts";

function written(use: (console: Console) => void): readonly ConsoleEvent[] {
  const events = new RunEvents();
  const console = new Console(events);
  use(console);
  console.flush();
  return events.take().filter((event): event is ConsoleEvent => event.type === "console");
}

function texts(...pieces: readonly string[]): readonly string[] {
  return written((console) => {
    for (const piece of pieces) console.write("stdout", piece, 1);
  }).map(({ text }) => text);
}

const many = Array.from({ length: 40 }, (_, index) => `line ${index}`);

const cases:
  readonly (readonly [name: string, pieces: readonly string[], lines: readonly string[]])[] = [
    ["lines are parted at line feeds", ["a\nb\n"], ["a", "b"]],
    ["the last line needs no line feed", ["a\nb"], ["a", "b"]],
    ["nothing is no line", [""], []],
    ["empty lines count", ["\n\na\n"], ["", "", "a"]],
    ["a line may come in pieces", ["a", "b", "c\n", "d"], ["abc", "d"]],
    ["a carriage return overwrites as far as the new text goes", ["12345\rab"], ["ab345"]],
    ["a carriage return alone changes nothing", ["12345\r\n6"], ["12345", "6"]],
    ["a carriage return may come in a piece of its own", ["12%", "\r", "99%", "\rend\n"], ["end"]],
    ["overwriting goes on behind the old end", ["ab\rcdef"], ["cdef"]],
    ["characters beyond the first plane are one column", ["🚀🚀x\rab\n"], ["abx"]],
    ["the cursor goes up and keeps its column", ["one\ntwo\x1b[Arous\x1b[Btasks"], [
      "onerous",
      "two    tasks",
    ]],
    ["the cursor does not go above the first line", ["a\n\x1b[A\x1b[A\x1b[Ab"], ["b"]],
    ["nested progress bars stay two lines", [
      "outer 0\ninner 0\x1b[A\r",
      "outer 1\n\rinner 1\x1b[A\r",
      "outer 2\n\rinner 2\n",
    ], ["outer 2", "inner 2"]],
    ["the cursor goes down to a new line", ["a\r\x1b[Bb"], ["a", "b"]],
    ["an escape sequence may be cut anywhere", ["a\nb\x1b", "[", "A\rc"], ["c", "b"]],
    ["other escape sequences stay", ["\x1b[31mred\x1b[0m\n\x1b?\x1b[?"], [
      "\x1b[31mred\x1b[0m",
      "\x1b?\x1b[?",
    ]],
    ["half an escape sequence at the end stays", ["a\x1b["], ["a\x1b["]],
    ["lines that scrolled out of the window stay as they are", [
      `${many.join("\n")}\n`,
      `${"\x1b[A".repeat(60)}X`,
    ], many.map((line, index) => index === 9 ? `X${line.slice(1)}` : line)],
  ];

for (const [name, pieces, lines] of cases) {
  test(name, () => {
    assert.deepEqual(texts(...pieces), lines);
    if (!pieces.join("").includes("\x1b[A\x1b[A\x1b[A")) {
      assert.deepEqual(texts(...pieces.join("")), lines, "also character by character");
    }
  });
}

test("the window has 32 lines, the cursor's own included", () => {
  const lines = texts(`${many.slice(0, 32).join("\n")}${"\x1b[A".repeat(40)}\rX`);
  assert.equal(lines[0], "Xine 0");
});

test("a line has the number and the time of its beginning", () => {
  const found = written((console) => {
    console.write("stdout", "a", 10);
    console.write("stderr", "x\n", 20);
    console.write("stdout", "b\nc\n", 30);
    console.write("stderr", "y", 40);
    console.writeLogged("logged\n");
  });
  assert.deepEqual(found.map(({ line, stream, text, time }) => [line, stream, text, time]), [
    [1, "stdout", "ab", 10],
    [2, "stderr", "x", 20],
    [3, "stdout", "c", 30],
    [4, "stderr", "y", 40],
    [5, "stdout", "logged", undefined],
  ]);
});

test("streams do not disturb each other's carriage returns", () => {
  const found = written((console) => {
    console.write("stderr", "10%", 1);
    console.write("stdout", "text\n", 2);
    console.write("stderr", "\r20%\n", 3);
  });
  assert.deepEqual(found.map(({ text }) => text), ["20%", "text"]);
});

test("text that was emulated before is replaced by a carriage return, not overwritten", () => {
  const found = written((console) => {
    console.writeEmulated("stdout", "progress 100%", 1);
    console.writeEmulated("stdout", "\rdone\n", 2);
  });
  assert.deepEqual(found.map(({ text }) => text), ["done"]);
});

test("a line of any length is held in pieces, and none of it is lost", () => {
  const events = new RunEvents();
  const console = new Console(events);
  const piece = "0123456789".repeat(100);
  let early = 0;
  for (let round = 0; round < 3000; round++) {
    console.write("stdout", piece, 1);
    early += events.take().length;
  }
  assert.ok(early >= 12, `${early} lines are passed on before the end`);
  const whole = texts(...Array.from({ length: 200 }, () => piece));
  assert.deepEqual(whole.map(({ length }) => length), [65536, 65536, 65536, 3392]);
  assert.equal(whole.join(""), piece.repeat(200));
  const rockets = texts("x" + "🚀".repeat(40_000));
  assert.equal(rockets.join(""), "x" + "🚀".repeat(40_000));
  assert.ok(rockets.every((line) => line.isWellFormed()), "no character is torn");
});
