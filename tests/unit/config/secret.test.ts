import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { parseKey } from "../../../src/config/api_key.ts";
import { Secret } from "../../../src/config/secret.ts";

describe("a secret", () => {
  it("shows in nothing that prints it", () => {
    const secret = new Secret("hunter2");
    const printed = [
      String(secret),
      `${secret}`,
      secret + "",
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ secret: [secret] }, { depth: 9, showHidden: true }),
      Object.values(secret).join(),
    ];
    for (const text of printed) assert.doesNotMatch(text, /hunter2/);
    assert.equal(inspect(secret), "[secret]");
    assert.equal(secret.reveal(), "hunter2");
  });
});

describe("a key", () => {
  it("is taken without the white space around it", () => {
    assert.equal(parseKey("\ufeff  abc123\r\n").reveal(), "abc123");
  });

  it("that no header can hold is refused without being shown", () => {
    for (const text of ["", " \n", "abc def", "abc\ndef", "schlüssel", "abc\u0000"]) {
      assert.throws(() => parseKey(text), (error: Error) => {
        assert.match(error.message, /^The key (is empty|holds a character that no key has)$/);
        return true;
      }, JSON.stringify(text));
    }
  });
});
