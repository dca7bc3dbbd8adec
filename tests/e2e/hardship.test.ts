import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type FaultProxy, openFaultProxy, type ProxiedRequest } from "../faults/fault_proxy.ts";
import { startedAt } from "../generate/generated_run.ts";
import { writePart } from "../generate/run_part.ts";
import { readFacts } from "../interop/read_facts.ts";
import { MortalHost } from "../soak/mortal_host.ts";
import { openTrouble } from "../soak/trouble.ts";
import { binary, finished, inScratch, run, start } from "./binary.ts";
import { parseLines } from "./lines.ts";

const steps = 3000;
const id = "hardship";

/** What a test of one run on its way needs. */
interface Scene {
  readonly host: MortalHost;
  /** Run directory. */
  readonly path: string;
  /** Words of a sync, with JSON output, that cleans up. */
  readonly words: readonly string[];
  /** Called for each request before the host sees it. */
  onRequest: (request: ProxiedRequest) => void;
  /** The run is at the host, whole and once. */
  assertOnce(): Promise<void>;
}

function inScene(use: (scene: Scene) => Promise<void>): Promise<void> {
  return inScratch(async (directory) => {
    const runs = join(directory, "runs");
    mkdirSync(runs);
    const path = writePart({
      tracker: "swanlab",
      directory: runs,
      id,
      startedAt,
      steps: [0, steps - 1],
      loss: 1,
    });
    await using host = new MortalHost(join(directory, "store"));
    await host.start();
    await using trouble = await openTrouble(host.url, 1);
    await using proxy: FaultProxy = await openFaultProxy({
      target: trouble.url,
      fault: "drip",
      at: (request) => {
        scene.onRequest(request);
        return false;
      },
    });
    const scene: Scene = {
      host,
      path,
      words: ["sync", runs, "--to", `${proxy.url}/@${host.user}/p`, "-k", host.key, "--json"]
        .concat(["--state", join(directory, "state"), "--clean"]),
      onRequest: () => {},
      async assertOnce(): Promise<void> {
        const facts = await readFacts(await host.api(), host.user, "p", id);
        assert.equal(facts.group("scalar loss").size, steps);
        assert.equal(facts.group("console").size, steps / 20);
        assert.deepEqual(trouble.ledger.doubled(id), []);
      },
    };
    await use(scene);
  });
}

function isPoints({ path }: ProxiedRequest): boolean {
  return path === "/api/house/metrics";
}

test("a sync that is halted while it sends goes on where it was", () =>
  inScene(async (scene) => {
    const { promise: isHalted, resolve: halted } = Promise.withResolvers<void>();
    scene.onRequest = (request): void => {
      if (!isPoints(request)) return;
      scene.onRequest = (): void => {};
      child.kill("SIGSTOP");
      halted();
    };
    const child = start(scene.words);
    const ended = finished(child);
    await isHalted;
    const other = await run(scene.words);
    assert.equal(other.code, 11, "it keeps its lock");
    assert.ok(existsSync(scene.path));
    child.kill("SIGCONT");
    const { code, stdout } = await ended;
    assert.equal(code, 0, stdout);
    await scene.assertOnce();
    assert.equal(existsSync(scene.path), false, stdout);
  }));

test("a host that is halted while it is asked loses nothing, nor does one that is killed", () =>
  inScene(async (scene) => {
    let requests = 0;
    scene.onRequest = (request): void => {
      if (!isPoints(request)) return;
      scene.host.signal("SIGSTOP");
      // Whatever comes next comes to a host that stands still.
      setImmediate(() => setImmediate(() => scene.host.signal("SIGCONT")));
      requests++;
    };
    const halted = await run(scene.words.filter((word) => word !== "--clean"));
    assert.equal(halted.code, 0, halted.stdout);
    assert.ok(requests > 0);
    await scene.assertOnce();

    scene.onRequest = (): void => {};
    await scene.host.end("SIGKILL");
    await scene.host.start();
    const { code, stdout } = await run([...scene.words, "--recheck"]);
    assert.equal(code, 0, stdout);
    assert.equal(existsSync(scene.path), false, stdout);
    await scene.assertOnce();
  }));

for (const [signal, exit] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`a sync that gets ${signal} while it sends is completed by the next one`, () =>
    inScene(async (scene) => {
      scene.onRequest = (request): void => {
        if (isPoints(request)) child.kill(signal);
      };
      const child = start(scene.words);
      const { code } = await finished(child);
      assert.equal(code, exit);
      assert.ok(existsSync(scene.path));
      scene.onRequest = (): void => {};
      const again = await run(scene.words);
      assert.equal(again.code, 0, again.stdout);
      assert.equal(parseLines(again.stdout, "syncLine")[0]?.["cleaned"], true, again.stdout);
      await scene.assertOnce();
    }));
}

test("a reader that goes away does not keep runs from arriving", () =>
  inScene(async (scene) => {
    const program = '"$@" | head -c 1 > /dev/null';
    const shell = spawn("bash", ["-c", program, "sh", binary, ...scene.words], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    await finished(shell);
    const { code, stdout } = await run(scene.words);
    assert.ok(code === 0 || code === 10, stdout);
    await scene.assertOnce();
    assert.deepEqual(readdirSync(join(scene.path, "..")), [], stdout);
  }));
