import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openHost } from "../../adapters/hosts/swanlab/host.ts";
import {
  openRecordingProxy,
  type RecordingProxy,
} from "../adapters/swanlab_destination/recording_proxy.ts";
import { copyFixture, finished, fixture, inScratch, listTree, run, start } from "./binary.ts";
import { type Line, parseLines } from "./lines.ts";

const basic = fixture("swanlab", "0.9.7", "basic", "swanlog");
const key = "key4journal2key4journal2";

/** A host in this process, behind a proxy that keeps every request. */
async function withHost(
  directory: string,
  use: (proxy: RecordingProxy) => Promise<void>,
): Promise<void> {
  await using host = await openHost({
    folder: join(directory, "store"),
    port: 0,
    address: "127.0.0.1",
    projectVersion: 1,
    accounts: [{ name: "ann", key }, { name: "bob", key: `${key}bob` }],
    now: () => Date.now(),
  });
  await using proxy = await openRecordingProxy(host.url);
  await use(proxy);
}

/** The outcomes of a sync, and its exit code. */
async function sync(
  words: readonly string[],
): Promise<{ readonly code: number | null; readonly lines: readonly Line[] }> {
  const { code, stdout, stderr } = await run(["sync", ...words, "--json"]);
  const lines = parseLines(stdout, "syncLine");
  assert.ok(lines.length > 0, stderr);
  return { code, lines };
}

async function listed(words: readonly string[]): Promise<readonly unknown[]> {
  const { stdout } = await run(["ls", ...words, "--json"]);
  return parseLines(stdout, "lsLine").map(({ synced }) => synced);
}

test("what is verified is skipped without one request, until it changes or --recheck asks", () =>
  inScratch(async (directory) => {
    const runs = copyFixture(basic, join(directory, "runs"));
    const state = join(directory, "state");
    await withHost(directory, async (proxy) => {
      const words = [runs, "-h", proxy.url, "-k", key, "--state", state];
      const first = await sync(words);
      assert.equal(first.code, 0, JSON.stringify(first.lines));
      assert.equal(first.lines[0]?.["status"], "done");
      const asked = proxy.passed.length;
      assert.ok(asked > 0);

      const second = await sync(words);
      assert.equal(second.code, 0);
      assert.equal(second.lines[0]?.["status"], "skipped");
      assert.equal(second.lines[0]?.["assurance"], "counted");
      assert.equal(second.lines[0]?.["points"], first.lines[0]?.["points"]);
      assert.deepEqual(second.lines[0]?.["remote"], first.lines[0]?.["remote"]);
      assert.equal(proxy.passed.length, asked, "nothing was asked");

      const rechecked = await sync([...words, "--recheck"]);
      assert.equal(rechecked.lines[0]?.["status"], "skipped");
      assert.ok(proxy.passed.length > asked, "the host was asked");

      const [name = ""] = readdirSync(runs).filter((each) => each.startsWith("run-"));
      writeFileSync(join(runs, name, "more.txt"), "more");
      const before = proxy.passed.length;
      await sync(words);
      assert.ok(proxy.passed.length > before, "a changed run is looked at again");
    });
  }));

test("a key that is wrong ends the command, but not one that has nothing to ask", () =>
  inScratch(async (directory) => {
    const runs = join(directory, "runs");
    copyFixture(basic, join(runs, "a"));
    const state = join(directory, "state");
    await withHost(directory, async (proxy) => {
      const to = [runs, "--to", `${proxy.url}/@ann/p`, "--state", state];
      assert.equal((await sync([...to, "-k", key])).code, 0);
      const skipped = await sync([...to, "-k", "wrong4journal"]);
      assert.equal(skipped.code, 0, "the place is the same, whoever asks");
      copyFixture(fixture("wandb", "0.31.0", "basic"), join(runs, "b"));
      copyFixture(fixture("wandb", "0.12.21", "basic"), join(runs, "c"));
      const { code, lines } = await sync([...to, "-k", "wrong4journal"]);
      assert.equal(code, 12, JSON.stringify(lines));
      const errors = lines.filter(({ type }) => type === "error");
      assert.deepEqual(errors.map(({ code }) => code), ["auth"]);
      assert.deepEqual(lines.filter(({ status }) => status === "failed"), []);
    });
  }));

test("what another account, id or wish makes of a run is not there already", () =>
  inScratch(async (directory) => {
    const state = join(directory, "state");
    await withHost(directory, async (proxy) => {
      const words = [basic, "-h", proxy.url, "--state", state];
      assert.equal((await sync([...words, "-k", key])).code, 0);
      const others = [["-k", `${key}bob`], ["-k", key, "-i", "another"], [
        "-k",
        key,
        "--no-console",
      ]];
      for (const other of others) {
        const before = proxy.passed.length;
        assert.equal((await sync([...words, ...other])).code, 0, other.join(" "));
        assert.ok(proxy.passed.length > before, other.join(" "));
      }
    });
  }));

test("of two syncs of one run one works, and the other says which does", () =>
  inScratch(async (directory) => {
    const state = join(directory, "state");
    await withHost(directory, async (proxy) => {
      const words = ["sync", basic, "-h", proxy.url, "-k", key, "--state", state, "--json"];
      const child = start(words);
      const working = finished(child);
      const stopped = new Promise<void>((resolve) => {
        proxy.meddler = {
          before: ({ path }) => {
            // The first one stands here with its lock until the second one has ended.
            if (path.startsWith("/api/house/")) child.kill("SIGSTOP");
            if (path.startsWith("/api/house/")) resolve();
            return undefined;
          },
        };
      });
      await stopped;
      proxy.meddler = {};
      const { code, stdout } = await run(words);
      child.kill("SIGCONT");
      const first = await working;
      assert.equal(first.code, 0, first.stdout);
      assert.equal(code, 11, stdout);
      const { error } = parseLines(stdout, "syncLine")[0] ?? {};
      const { code: kind, message } = error as { readonly [name: string]: string };
      assert.equal(kind, "locked");
      assert.match(message ?? "", new RegExp(`process ${child.pid} on ${hostname()}, since 20`));
    });
    const locks = readdirSync(state, { recursive: true, encoding: "utf8" })
      .filter((name) => name.includes(".lock"));
    assert.deepEqual(locks, [], "nothing stays locked");
  }));

test("a process that was killed locks nobody out, and what it did is told", () =>
  inScratch(async (directory) => {
    const state = join(directory, "state");
    await withHost(directory, async (proxy) => {
      const words = [basic, "-h", proxy.url, "-k", key, "--state", state];
      const child = start(["sync", ...words]);
      proxy.meddler = {
        before: ({ path }) => {
          if (path.startsWith("/api/house/")) child.kill("SIGKILL");
          return undefined;
        },
      };
      assert.equal((await finished(child)).code, null);
      proxy.meddler = {};
      const [[known] = []] = await listed([basic, "--state", state]) as readonly Line[][];
      assert.equal(known?.["state"], "partly");
      const { code, lines } = await sync(words);
      assert.equal(code, 0, JSON.stringify(lines));
      assert.equal(lines[0]?.["assurance"], "counted");
    });
  }));

test("ls tells from the journals where each run is", () =>
  inScratch(async (directory) => {
    const [state, archive] = [join(directory, "state"), join(directory, "archive")];
    const runs = copyFixture(basic, join(directory, "runs"));
    const words = [runs, "--state", state];
    assert.deepEqual(await listed(words), [[]]);
    assert.equal(existsSync(state), false, "listing makes nothing");
    await sync([...words, "--to", archive]);
    const states = async (...more: readonly string[]): Promise<readonly unknown[]> =>
      (await listed([...words, ...more])).map((synced) =>
        (synced as readonly Line[]).map(({ destination, state, assurance }) =>
          [destination, state, assurance].join(" ")
        )
      );
    const verified = [[`archive:${archive} verified exact`]];
    assert.deepEqual(await states(), verified);
    assert.deepEqual(await states("--to", archive), verified);
    assert.deepEqual(await states("--to", join(directory, "other")), [[]]);
    const { stdout } = await run(["ls", ...words, "--to", join(directory, "other")]);
    assert.match(stdout, /SYNCED.*\n.* never /);

    rmSync(state, { recursive: true });
    assert.deepEqual(await states(), [[]]);
    assert.deepEqual(await states("--to", archive), [[`archive:${archive} complete accepted`]]);
  }));

test("a state directory that cannot be written is said once, and stops nothing", () =>
  inScratch(async (directory) => {
    const archive = join(directory, "archive");
    const runs = join(directory, "runs");
    copyFixture(basic, join(runs, "a"));
    copyFixture(fixture("wandb", "0.31.0", "basic"), join(runs, "b"));
    const words = [runs, "--to", archive, "--state", "/dev/null/state", "--json"];
    for (const status of ["done", "skipped"]) {
      const { code, stdout, stderr } = await run(["sync", ...words]);
      assert.equal(code, 0, stdout);
      assert.equal(parseLines(stdout, "syncLine")[0]?.["status"], status);
      assert.equal(stderr.match(/Cannot write to \/dev\/null\/state/g)?.length, 1, stderr);
    }
  }));

test("a journal that is torn, damaged or lost costs time and nothing else", () =>
  inScratch(async (directory) => {
    const state = join(directory, "state");
    await withHost(directory, async (proxy) => {
      const words = [basic, "-h", proxy.url, "-k", key, "--state", state];
      await sync(words);
      const [journal = ""] = readdirSync(state, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".jsonl"));
      const path = join(state, journal);
      const whole = readFileSync(path, "utf8");
      const damages: readonly (() => void)[] = [
        (): void => writeFileSync(path, whole.slice(0, -20)),
        (): void => writeFileSync(path, whole.replaceAll("verify", "surprise")),
        (): void => writeFileSync(path, "\0".repeat(5000)),
        (): void => rmSync(path),
      ];
      for (const damage of damages) {
        damage();
        const { code, lines } = await sync(words);
        assert.equal(code, 0);
        assert.equal(lines[0]?.["status"], "skipped");
        assert.equal(lines[0]?.["sent"], 0);
        const before = proxy.passed.length;
        assert.equal((await sync(words)).lines[0]?.["status"], "skipped");
        assert.equal(proxy.passed.length, before);
      }
      appendFileSync(path, '{"type":"op');
      assert.equal((await sync(words)).lines[0]?.["status"], "skipped");
    });
  }));

test("a run whose archive was deleted is archived again, not called verified", () =>
  inScratch(async (directory) => {
    const [state, archive] = [join(directory, "state"), join(directory, "archive")];
    const words = [basic, "--to", archive, "--state", state];
    await sync(words);
    assert.equal((await sync(words)).lines[0]?.["status"], "skipped");
    const tars = (): readonly string[] =>
      listTree(archive).flatMap((line) => line.match(/^.*\.tar/) ?? []);
    const before = tars();
    rmSync(archive, { recursive: true });
    const { code, lines } = await sync(words);
    assert.equal(code, 0);
    assert.equal(lines[0]?.["status"], "done");
    assert.equal(lines[0]?.["assurance"], "exact");
    assert.deepEqual(tars(), before);
    assert.equal((await sync(words)).lines[0]?.["status"], "skipped");
  }));

test("verify is written down too: what differs is sent again", () =>
  inScratch(async (directory) => {
    const [state, archive] = [join(directory, "state"), join(directory, "archive")];
    const words = [basic, "--to", archive, "--state", state];
    await sync(words);
    const tars = listTree(archive).filter((line) => line.includes(".tar "));
    const [tar = ""] = (tars[0] ?? "").split(".tar ");
    const path = join(archive, `${tar}.tar`);
    const content = readFileSync(path);
    content.fill(0, content.length >> 1, (content.length >> 1) + 100);
    writeFileSync(path, content);
    assert.equal((await sync(words)).lines[0]?.["status"], "skipped");
    assert.equal((await run(["verify", ...words])).code, 15);
    const [[known] = []] = await listed([basic, "--state", state]) as readonly Line[][];
    assert.equal(known?.["state"], "partly");
    const { code, lines } = await sync(words);
    assert.equal(code, 0, JSON.stringify(lines));
    assert.equal(lines[0]?.["status"], "done");
    assert.equal(lines[0]?.["assurance"], "exact");
    assert.equal((await run(["verify", ...words])).code, 0);
  }));
