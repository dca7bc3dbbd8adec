import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AuthError, CancelledError, TransientError } from "../../../src/errors.ts";
import { Retry } from "../../../src/net/retry.ts";
import { fakeContext, fakeStart } from "./fake_context.ts";

const lost = new TransientError("The connection was lost");

function answer(status: number, headers: { readonly [name: string]: string } = {}): {
  readonly status: number;
  readonly headers: Headers;
} {
  return { status, headers: new Headers(headers) };
}

describe("the waits between attempts", () => {
  it("double up to the cap, and are shortened at random", async () => {
    for (const share of [0, 0.5, 0.999]) {
      const context = fakeContext();
      const retry = new Retry(context, { budget: Infinity, random: () => share });
      for (let attempt = 0; attempt < 9; attempt++) assert.ok(await retry.again(lost));
      const full = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000];
      assert.deepEqual(context.waits, full.map((wait) => Math.ceil(wait * share)));
    }
  });

  it("end when the budget is used up, which begins with the first failure", async () => {
    const context = fakeContext();
    const retry = new Retry(context, { budget: 10_000, random: () => 0.999 });
    await context.wait(60_000);
    let attempts = 0;
    while (await retry.again(lost)) attempts++;
    assert.equal(attempts, 4);
    assert.ok(context.now() - fakeStart - 60_000 <= 10_000);
  });

  it("are as long as the server asks for", async () => {
    const date = (ms: number): string => new Date(fakeStart + ms).toUTCString();
    const table: readonly (readonly [{ readonly [name: string]: string }, number])[] = [
      [{ "retry-after": "7" }, 7000],
      [{ "retry-after": " 0 " }, 0],
      [{ "retry-after": date(90_000) }, 90_000],
      [{ "retry-after": date(-5000) }, 0],
      [{ "retry-after": date(3_605_000), date: date(3_600_000) }, 5000],
    ];
    for (const [headers, wait] of table) {
      for (const status of [429, 503]) {
        const context = fakeContext();
        const retry = new Retry(context, { random: () => 0.5 });
        assert.ok(await retry.again(answer(status, headers)));
        assert.deepEqual(context.waits, [wait + 250]);
      }
    }
  });

  it("are the usual ones when what the server asks for makes no sense", async () => {
    for (const text of ["", "soon", "-1", "1e9", "99999999999999"]) {
      const context = fakeContext();
      const retry = new Retry(context, { random: () => 0.5 });
      assert.ok(await retry.again(answer(429, { "retry-after": text })));
      assert.deepEqual(context.waits, [250], text);
    }
  });

  it("are not begun when the server asks for more than there is", async () => {
    const context = fakeContext();
    assert.equal(await new Retry(context).again(answer(429, { "retry-after": "3600" })), false);
    assert.deepEqual(context.waits, []);
  });

  it("end at once when the user cancels", async () => {
    const context = fakeContext();
    context.cancel();
    await assert.rejects(new Retry(context).again(lost), CancelledError);
  });
});

describe("another attempt", () => {
  it("is made only after what may pass", async () => {
    const table: readonly (readonly [unknown, boolean])[] = [
      ...[408, 425, 429, 500, 502, 503, 504, 520].map((status) => [answer(status), true] as const),
      ...[200, 301, 400, 401, 403, 404, 409, 413, 418, 501, 505, 507]
        .map((status) => [answer(status), false] as const),
      [lost, true],
      [new AuthError("The key is wrong"), false],
      [new CancelledError(), false],
      [new TypeError("a bug"), false],
      [undefined, false],
    ];
    for (const [failure, expected] of table) {
      assert.equal(await new Retry(fakeContext()).again(failure), expected, String(failure));
    }
  });
});
