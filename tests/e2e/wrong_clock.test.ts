import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type FaultProxy, openFaultProxy } from "../faults/fault_proxy.ts";
import { startedAt } from "../generate/generated_run.ts";
import { writePart } from "../generate/run_part.ts";
import { readFacts } from "../interop/read_facts.ts";
import { MortalHost } from "../soak/mortal_host.ts";
import { openTrouble } from "../soak/trouble.ts";
import { type Finished, inScratch, run, start } from "./binary.ts";
import { type Line, parseLines } from "./lines.ts";
import { withWrongClock, type WrongClock } from "./wrong_clock.ts";

const steps = 3000;
const id = "clocks";
const day = 86_400;

/** A run, and how to ferry it with a clock that is wrong. */
interface Scene {
  readonly clock: WrongClock;
  readonly proxy: FaultProxy;
  readonly path: string;
  /** Where it goes, without what is done. */
  readonly words: readonly string[];
  onRequest: (path: string) => void;
  run(command: string, ...more: readonly string[]): Promise<Finished>;
  assertOnce(): Promise<void>;
}

function inScene(context: TestContext, use: (scene: Scene) => Promise<void>): Promise<void> {
  return inScratch((directory) =>
    withWrongClock(context, directory, async (clock) => {
      const runs = join(directory, "runs");
      mkdirSync(runs);
      const part = { tracker: "swanlab", directory: runs, id, startedAt, loss: 1 } as const;
      const path = writePart({ ...part, steps: [0, steps - 1] });
      await using host = new MortalHost(join(directory, "store"));
      await host.start();
      await using trouble = await openTrouble(host.url, 1);
      await using proxy = await openFaultProxy({
        target: trouble.url,
        fault: "drip",
        at: (request) => {
          scene.onRequest(request.path);
          return false;
        },
      });
      const words = [runs, "--to", `${proxy.url}/@${host.user}/p`, "-k", host.key]
        .concat(["--state", join(directory, "state"), "--json"]);
      const scene: Scene = {
        clock,
        proxy,
        path,
        words,
        onRequest: () => {},
        run: (command, ...more) =>
          run([command, ...words, ...more], { environment: clock.environment }),
        async assertOnce(): Promise<void> {
          const facts = await readFacts(await host.api(), host.user, "p", id);
          assert.equal(facts.group("scalar loss").size, steps);
          assert.equal(facts.group("console").size, steps / 20);
          assert.deepEqual(trouble.ledger.doubled(id), []);
        },
      };
      await use(scene);
    })
  );
}

function statusOf({ stdout }: Finished): unknown {
  return parseLines(stdout, "syncLine")[0]?.["status"];
}

test("a clock that is set back between commands makes nobody trust what is old", (context) =>
  inScene(context, async (scene) => {
    scene.clock.set(365 * day);
    assert.equal(statusOf(await scene.run("sync")), "done");
    scene.clock.set(0);
    assert.equal(statusOf(await scene.run("sync")), "skipped");
    writeFileSync(join(scene.path, "files", "later.txt"), "later");
    const before = scene.proxy.requests.length;
    await scene.run("sync");
    assert.ok(scene.proxy.requests.length > before, "a changed run is looked at again");
    const asked = scene.proxy.requests.length;
    scene.clock.set(-365 * day);
    assert.equal(statusOf(await scene.run("sync")), "skipped");
    assert.equal(scene.proxy.requests.length, asked, "the last entry counts, whatever its time");
    await scene.assertOnce();
  }));

test("a clock that is behind makes no run old enough to go", (context) =>
  inScene(context, async (scene) => {
    assert.equal(statusOf(await scene.run("sync")), "done");
    for (const seconds of [0, -day, -365 * day]) {
      scene.clock.set(seconds);
      const { code, stdout } = await scene.run("clean", "--yes", "--min-age", "1h");
      assert.equal(code, 0, stdout);
      assert.ok(existsSync(scene.path), stdout);
    }
    scene.clock.set(day);
    const { code, stdout } = await scene.run("clean", "--yes", "--min-age", "1h");
    assert.equal(code, 0, stdout);
    assert.equal(existsSync(scene.path), false, stdout);
    await scene.assertOnce();
  }));

test("a clock that jumps at every request loses and doubles nothing", (context) =>
  inScene(context, async (scene) => {
    let jumps = 0;
    scene.onRequest = (): void => scene.clock.set([day, -day, 0, 3600, -3600][jumps++ % 5] ?? 0);
    const { code, stdout } = await scene.run("sync", "--clean");
    assert.equal(code, 0, stdout);
    assert.ok(jumps > 5);
    assert.equal(existsSync(scene.path), false, stdout);
    await scene.assertOnce();
  }));

test("a lock holds when the clock is set back or ahead, and goes with its process", (context) =>
  inScene(context, async (scene) => {
    const { promise: isHalted, resolve: halted } = Promise.withResolvers<void>();
    scene.onRequest = (path): void => {
      if (path !== "/api/house/metrics") return;
      child.kill("SIGSTOP");
      halted();
    };
    const { environment } = scene.clock;
    const child = start(["sync", ...scene.words], { environment });
    child.stdout?.resume();
    await isHalted;
    scene.onRequest = (): void => {};
    for (const seconds of [365 * day, -365 * day]) {
      scene.clock.set(seconds);
      const locked = await scene.run("sync");
      assert.equal(locked.code, 11, locked.stdout);
      const error = parseLines(locked.stdout, "syncLine")[0]?.["error"] as Line;
      assert.match(String(error["message"]), new RegExp(`process ${child.pid} on `));
    }
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
    const { code, stdout } = await scene.run("sync");
    assert.equal(code, 0, stdout);
    await scene.assertOnce();
  }));
