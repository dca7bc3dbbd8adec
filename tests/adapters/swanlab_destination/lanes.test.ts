import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { itemSeparator } from "../../../adapters/destinations/swanlab/item_text.ts";
import { Limiter } from "../../../adapters/destinations/swanlab/limiter.ts";
import type { PointBatch } from "../../../adapters/destinations/swanlab/point_batch.ts";
import { PointLane } from "../../../adapters/destinations/swanlab/point_lane.ts";

/** Work that ends when the test says so. */
class Gate {
  readonly #open: (() => void)[] = [];

  pass(): Promise<void> {
    return new Promise((resolve) => this.#open.push(resolve));
  }

  /** How much work waits for its end. */
  get waiting(): number {
    return this.#open.length;
  }

  async open(): Promise<void> {
    this.#open.shift()?.();
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a limiter", () => {
  it("lets only so much be under way, and begins the next as soon as one has ended", async () => {
    const gate = new Gate();
    const limiter = new Limiter(2);
    const order: number[] = [];
    const all = [1, 2, 3, 4].map((number) =>
      limiter.run(async () => {
        order.push(number);
        await gate.pass();
        return number;
      })
    );
    await turn();
    assert.equal(gate.waiting, 2);
    await gate.open();
    assert.deepEqual(order, [1, 2, 3]);
    await gate.open();
    await gate.open();
    await gate.open();
    assert.deepEqual(await Promise.all(all), [1, 2, 3, 4]);
  });

  it("makes room for others when some work fails", async () => {
    const limiter = new Limiter(1);
    await assert.rejects(limiter.run(() => Promise.reject(new Error("no"))), /no/);
    assert.equal(await limiter.run(() => Promise.resolve("yes")), "yes");
  });
});

/** What a batch held when it was delivered: afterwards it is filled anew. */
type Delivered = Pick<PointBatch, "text" | "first">;

/** A lane, and what it delivered. */
function laneTo(deliver: (batch: Delivered) => Promise<void> = () => Promise.resolve()): {
  readonly lane: PointLane;
  readonly delivered: Delivered[];
} {
  const delivered: Delivered[] = [];
  const lane = new PointLane("scalar", async ({ text, first }) => {
    delivered.push({ text, first });
    await deliver({ text, first });
  });
  return { lane, delivered };
}

describe("a lane of points", () => {
  it("delivers nothing until it is opened, and then everything in order", async () => {
    const { lane, delivered } = laneTo();
    for (let at = 0; at < 3; at++) {
      lane.add(`${at}`, at);
      lane.flush();
    }
    await turn();
    assert.equal(delivered.length, 0);
    assert.equal(lane.waiting, 3);
    lane.open();
    await lane.settle(0);
    assert.deepEqual(delivered.map(({ text, first }) => [text, first]), [["0", 0], ["1", 1], [
      "2",
      2,
    ]]);
    assert.equal(lane.empty, true);
  });

  it("fills a request with ten thousand items, or a million bytes", async () => {
    const { lane, delivered } = laneTo();
    lane.open();
    for (let at = 0; at < 25_000; at++) lane.add("{}", at);
    await lane.settle(0);
    assert.deepEqual(delivered.map(({ text }) => text.split(itemSeparator).length), [
      10_000,
      10_000,
    ]);
    lane.flush();
    await lane.settle(0);
    assert.deepEqual(delivered.map(({ first }) => first), [0, 10_000, 20_000]);
    for (let at = 0; at < 5; at++) lane.add("x".repeat(1 << 19), at);
    lane.flush();
    await lane.settle(0);
    assert.ok(delivered.every(({ text }) => text.length < 2 << 20));
    assert.equal(delivered.length, 6);
  });

  it("tells the first event that was not accepted yet", async () => {
    const gate = new Gate();
    const { lane } = laneTo(() => gate.pass());
    assert.equal(lane.first, Infinity);
    lane.open();
    lane.add("a", 4);
    assert.equal(lane.first, 4);
    lane.flush();
    lane.add("b", 9);
    assert.equal(lane.first, 4);
    await turn();
    await gate.open();
    assert.equal(lane.first, 9);
  });

  it("delivers nothing behind what could not be delivered", async () => {
    const { lane, delivered } = laneTo(({ text }) =>
      text === "2" ? Promise.reject(new Error("refused")) : Promise.resolve()
    );
    lane.open();
    for (const item of ["1", "2", "3"]) {
      lane.add(item, Number(item));
      lane.flush();
    }
    await assert.rejects(lane.settle(0), /refused/);
    await assert.rejects(lane.settle(0), /refused/);
    assert.deepEqual(delivered.map(({ text }) => text), ["1", "2"]);
    assert.equal(lane.first, 2);
  });

  it("that is closed waits for what is under way, and begins nothing more", async () => {
    const gate = new Gate();
    const { lane, delivered } = laneTo(() => gate.pass());
    lane.open();
    for (const item of ["1", "2"]) {
      lane.add(item, Number(item));
      lane.flush();
    }
    await turn();
    let isClosed = false;
    const closing = lane.close().then(() => {
      isClosed = true;
    });
    await turn();
    assert.equal(isClosed, false);
    await gate.open();
    await closing;
    assert.equal(delivered.length, 1);
  });
});
