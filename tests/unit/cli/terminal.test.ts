import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeTerminal, type Terminal } from "../../../src/cli/terminal.ts";

type Environment = { readonly [name: string]: string };

const pipe = { isTTY: false };
const screen = { isTTY: true, columns: 120 };

describe("describeTerminal", () => {
  it("heeds what the stream is and what the environment says", () => {
    const table: readonly (readonly [typeof pipe, Environment, Terminal])[] = [
      [screen, {}, { live: true, columns: 120, colour: true }],
      [pipe, {}, { live: false, columns: Infinity, colour: false }],
      [screen, { NO_COLOR: "1" }, { live: true, columns: 120, colour: false }],
      [screen, { NO_COLOR: "" }, { live: true, columns: 120, colour: true }],
      [screen, { TERM: "dumb" }, { live: false, columns: 120, colour: false }],
      [screen, { FORCE_COLOR: "0" }, { live: true, columns: 120, colour: false }],
      [pipe, { FORCE_COLOR: "1" }, { live: false, columns: Infinity, colour: true }],
      [pipe, { FORCE_COLOR: "1", NO_COLOR: "1" }, {
        live: false,
        columns: Infinity,
        colour: false,
      }],
    ];
    for (const [facts, environment, terminal] of table) {
      assert.deepEqual(describeTerminal(facts, environment), terminal);
    }
  });

  it("takes 80 columns for a terminal that does not know its size", () => {
    assert.equal(describeTerminal({ isTTY: true, columns: 0 }, {}).columns, 80);
    assert.equal(describeTerminal({ isTTY: true, columns: undefined }, {}).columns, 80);
  });
});
