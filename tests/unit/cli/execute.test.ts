import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { execute } from "../../../src/cli/execute.ts";
import { CancelledError } from "../../../src/errors.ts";
import { fakeShell } from "./fake_shell.ts";

describe("execute", () => {
  it("prints the version and help on stdout", async () => {
    const shell = fakeShell();
    assert.equal(await execute(["--version"], shell), 0);
    assert.match(shell.stdout.text, /^\d+\.\d+\.\d+\n$/);
    assert.equal(await execute(["sync", "--help"], shell), 0);
    assert.match(shell.stdout.text, /Usage: runferry sync/);
    assert.equal(shell.stderr.text, "");
  });

  it("tells bad usage on stderr, and on stdout as well with --json", async () => {
    const shell = fakeShell();
    assert.equal(await execute(["ls", "--json", "--nope"], shell), 2);
    assert.match(shell.stderr.text, /^error: unknown option '--nope'\n/);
    assert.deepEqual(JSON.parse(shell.stdout.text), {
      type: "error",
      code: "usage",
      message: "unknown option '--nope'",
      hint: "Add --help to the command to see what it takes.",
    });
  });

  it("says how to see more when it is our own fault, and shows it with -vv", async () => {
    const broken = {
      every(): () => void {
        throw new TypeError("x is \x1b[31m not a function");
      },
    };
    const shell = fakeShell(broken);
    assert.equal(await execute(["ls", "/"], shell), 1);
    assert.equal(
      shell.stderr.text,
      "error: x is \\x1b[31m not a function\n" +
        "  This is a bug in runferry; run again with -vv and report what it prints.\n",
    );
    const verbose = fakeShell(broken);
    assert.equal(await execute(["ls", "/", "-vv"], verbose), 1);
    assert.match(verbose.stderr.text, /\n {4}at /);
  });

  it("ends with the code of the signal that stopped it", async () => {
    for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
      const signal = AbortSignal.abort(new CancelledError("Cancelled", { cause: name }));
      assert.equal(await execute(["ls", "/"], fakeShell({ signal })), code);
    }
  });
});
