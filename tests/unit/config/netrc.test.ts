import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { editNetrc, MalformedNetrc, parseNetrc } from "../../../src/config/netrc.ts";

/** Machine, login and password of every entry. */
function logins(text: string): readonly (readonly (string | undefined)[])[] {
  return parseNetrc(text).map(({ machine, login, password }) => [machine, login, password]);
}

describe("the netrc grammar", () => {
  it("is read as Python reads it", () => {
    const table: readonly (readonly [string, readonly (readonly (string | undefined)[])[]])[] = [
      ["", []],
      ["machine a\n\tlogin b\n\tpassword c\n", [["a", "b", "c"]]],
      ["machine a login b password c machine d password e", [["a", "b", "c"], ["d", "", "e"]]],
      ["machine a\r\n login b\r\n password c\r\n", [["a", "b", "c"]]],
      ['machine a login b password "q w"', [["a", "b", "q w"]]],
      ['machine a login b password "x\\"y"', [["a", "b", 'x"y']]],
      ["machine a login b password x\\ y", [["a", "b", "x y"]]],
      ["machine a login b password #x", [["a", "b", "#x"]]],
      ["machine a login b password x#y", [["a", "b", "x#y"]]],
      ["# machine z\nmachine a login b # no\n password c", [["a", "b", "c"]]],
      ["#\nmachine a user b password c", [["a", "b", "c"]]],
      ["default login a password b", [[undefined, "a", "b"]]],
      ["macdef m\n\tcd /\n\nmachine a login b account z password c", [["a", "b", "c"]]],
    ];
    for (const [text, expected] of table) assert.deepEqual(logins(text), expected, text);
  });

  it("is refused by line where it is broken, without quoting it", () => {
    const table: readonly (readonly [string, number])[] = [
      ["hunter2", 1],
      ["machine a login b password c\n\nhunter2", 3],
      ["machine a\n login b\n password", 3],
      ["machine", 1],
    ];
    for (const [text, line] of table) {
      assert.throws(() => parseNetrc(text), (error: Error) => {
        assert.ok(error instanceof MalformedNetrc);
        assert.equal(error.message, `line ${line} is not a login`);
        return true;
      }, text);
    }
  });
});

describe("editing", () => {
  const text = "# mine\nmachine a\n\tlogin b\n\tpassword c\n\nmachine d login e password f\n";
  const [first, second] = parseNetrc(text);

  it("puts an entry in front and leaves everything else as it is", () => {
    const entry = { machine: "m", login: "l", password: "p" };
    const laidOut = "machine m\n\tlogin l\n\tpassword p\n";
    assert.equal(editNetrc("", [], entry), laidOut);
    assert.equal(editNetrc(text, [], entry), laidOut + text);
    assert.ok(first && second);
    assert.equal(
      editNetrc(text, [second], entry),
      `${laidOut}# mine\nmachine a\n\tlogin b\n\tpassword c\n\n`,
    );
  });

  it("takes entries out", () => {
    assert.ok(first && second);
    assert.equal(editNetrc(text, [first]), "# mine\nmachine d login e password f\n");
    assert.equal(editNetrc(text, [first, second]), "# mine\n");
  });
});
