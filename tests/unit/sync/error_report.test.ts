import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import { errorReport } from "../../../src/sync/error_report.ts";

/** What comes of an error while another one is on its way, as `using` has it. */
async function both(first: unknown, second: Error): Promise<unknown> {
  try {
    await using stack = new AsyncDisposableStack();
    stack.defer(() => Promise.reject(second));
    throw first;
  } catch (error) {
    return error;
  }
}

test("of two errors on top of each other the first is reported", async () => {
  const busy = Object.assign(new Error("EBUSY: /a"), { code: "EBUSY" });
  const cases = [
    [new SourceError("Cannot read /a", { hint: "Try again." }), "source", "Cannot read /a"],
    [busy, "source", "EBUSY: /a"],
    [new Error("a bug"), "internal", "a bug"],
  ] as const;
  for (const [first, code, message] of cases) {
    const report = errorReport(await both(first, new Error("cannot be closed")));
    assert.deepEqual([report.code, report.message], [code, message]);
  }
});
