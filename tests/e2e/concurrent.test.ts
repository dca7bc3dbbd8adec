import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openFaultProxy } from "../faults/fault_proxy.ts";
import { startedAt } from "../generate/generated_run.ts";
import { writePart } from "../generate/run_part.ts";
import { readFacts, runIds } from "../interop/read_facts.ts";
import { MortalHost } from "../soak/mortal_host.ts";
import { openTrouble, type Trouble } from "../soak/trouble.ts";
import { finished, inScratch, run, start } from "./binary.ts";
import { type Line, parseLines } from "./lines.ts";

const steps = 60;

/** Runs of their own ids in a folder. */
function writeRuns(folder: string, ids: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  for (const [at, id] of ids.entries()) {
    const tracker = at % 2 === 0 ? "swanlab" : "wandb";
    writePart({
      tracker,
      directory: folder,
      id,
      startedAt: startedAt + at * 60_000,
      steps: [0, steps - 1],
      loss: at,
    });
  }
  return folder;
}

function idsOf(prefix: string, count: number): readonly string[] {
  return [...Array(count).keys()].map((at) => `${prefix}${at}`);
}

/** A host behind a proxy that counts what the host takes, and the words to reach it. */
async function withHost(
  directory: string,
  use: (host: MortalHost, trouble: Trouble, to: readonly string[]) => Promise<void>,
): Promise<void> {
  await using host = new MortalHost(join(directory, "store"));
  await host.start();
  await using trouble = await openTrouble(host.url, 1);
  const to = ["--to", `${trouble.url}/@${host.user}/p`, "-k", host.key]
    .concat(["--state", join(directory, "state"), "--json"]);
  await use(host, trouble, to);
}

/** Every run is at the host, whole and once. */
async function assertOnce(
  host: MortalHost,
  { ledger }: Trouble,
  ids: readonly string[],
): Promise<void> {
  const api = await host.api();
  assert.deepEqual((await runIds(api, host.user, "p")).toSorted(), ids.toSorted());
  for (const id of ids) {
    const facts = await readFacts(api, host.user, "p", id);
    assert.equal(facts.group("scalar loss").size, steps, id);
    assert.equal(facts.group("console").size, steps / 20, id);
    assert.deepEqual(ledger.doubled(id), [], id);
  }
}

test("of two syncs one has a run, and the other names machine, process and time, and does the rest", () =>
  inScratch((directory) =>
    withHost(directory, async (host, trouble, to) => {
      const runs = writeRuns(join(directory, "runs"), ["a0", "a1", "a2"]);
      const { promise: isHalted, resolve: halted } = Promise.withResolvers<void>();
      let isOver = false;
      await using proxy = await openFaultProxy({
        target: trouble.url,
        at: ({ path }) => {
          if (path === "/api/house/metrics" && !isOver) {
            isOver = true;
            first.kill("SIGSTOP");
            halted();
          }
          return false;
        },
        fault: "drip",
      });
      const through = to.map((word) => word.replace(trouble.url, proxy.url));
      const first = start(["sync", runs, ...through, "-j", "1"]);
      const working = finished(first);
      await isHalted;
      const second = await run(["sync", runs, ...through]);
      const lines = parseLines(second.stdout, "syncLine");
      const failed = lines.filter(({ status }) => status === "failed");
      assert.deepEqual(failed.map((line) => (line["run"] as Line)["id"]), ["a0"]);
      const { code, message, hint } = failed[0]?.["error"] as Line;
      assert.equal(code, "locked");
      const who = new RegExp(`locked by process ${first.pid} on ${hostname()}, since 20\\d\\d-`);
      assert.match(String(message), who);
      assert.match(String(hint), /--break-lock/);
      assert.equal(second.code, 3, "the others arrived");
      const alone = await run(["sync", String(failed[0]?.["path"]), ...through]);
      assert.equal(alone.code, 11, alone.stdout);
      const done = lines.filter(({ status }) => status === "done");
      assert.deepEqual(done.map((line) => (line["run"] as Line)["id"]).toSorted(), ["a1", "a2"]);
      first.kill("SIGCONT");
      assert.equal((await working).code, 0);
      await assertOnce(host, trouble, ["a0", "a1", "a2"]);
    })
  ));

test("two syncs of different runs do not disturb each other", () =>
  inScratch((directory) =>
    withHost(directory, async (host, trouble, to) => {
      const [left, right] = [idsOf("a", 4), idsOf("b", 4)];
      const ended = await Promise.all([
        run(["sync", writeRuns(join(directory, "a"), left), ...to]),
        run(["sync", writeRuns(join(directory, "b"), right), ...to]),
      ]);
      assert.deepEqual(ended.map(({ code }) => code), [0, 0], JSON.stringify(ended));
      await assertOnce(host, trouble, [...left, ...right]);
    })
  ));

test("many syncs of one tree ferry all of it together, each run once", () =>
  inScratch((directory) =>
    withHost(directory, async (host, trouble, to) => {
      const ids = idsOf("a", 12);
      const runs = writeRuns(join(directory, "runs"), ids);
      const archive = join(directory, "archive");
      const words = ["sync", runs, ...to, "--to", archive];
      const ended = await Promise.all([0, 1, 2].map(() => run(words)));
      for (const { code, stdout } of ended) {
        assert.ok(code === 0 || code === 11 || code === 3, stdout);
        for (const { status, error } of parseLines(stdout, "syncLine")) {
          if (status === "failed") assert.equal((error as Line)["code"], "locked", stdout);
        }
      }
      const last = await run(words);
      assert.equal(last.code, 0, last.stdout);
      await assertOnce(host, trouble, ids);
      const verified = await run(["verify", archive, "--json"]);
      assert.equal(verified.code, 0, verified.stdout);
      assert.equal(parseLines(verified.stdout, "verifyLine").at(-1)?.["runs"], ids.length);
    })
  ));
