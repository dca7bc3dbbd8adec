import { mkdirSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openHost } from "../../../adapters/hosts/swanlab/host.ts";
import { execute } from "../../../src/cli/execute.ts";
import type { Shell } from "../../../src/cli/shell.ts";
import { inScratch } from "../../contract/scratch.ts";
import { type Line, parseLines } from "../../e2e/lines.ts";
import { HostApi, NotThere } from "../../interop/host_api.ts";
import type { Facts } from "../../interop/facts.ts";
import { readFacts, runIds } from "../../interop/read_facts.ts";
import { fakeShell } from "../../unit/cli/fake_shell.ts";
import { openRecordingProxy, type Passed, type RecordingProxy } from "./recording_proxy.ts";

/** Keys that nothing may ever print. */
export const key = "key4hunter2";
const otherKey = "otherkey4hunter2";
/** Whose key it is: the workspace. */
export const user = "ann";
/** Somebody else at the same host. */
export const stranger = "bob";

/** What a command did. */
export interface Done {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines about runs, of commands that were given `--json`. */
  readonly runs: readonly Line[];
  /** What the host was asked meanwhile. */
  readonly passed: readonly Passed[];
}

/** A host behind a proxy that records. */
export interface ServedHost {
  /** Of the proxy. */
  readonly url: string;
  readonly proxy: RecordingProxy;
  /** Asks the host itself. */
  readonly api: HostApi;
  /** What it holds of a run; the oldest of the project where no id is given. */
  facts(project: string, id?: string): Promise<Facts>;
  /** Ids of the runs of a project, oldest first; none where there is no project. */
  ids(project: string): Promise<readonly string[]>;
}

/** A directory with a home, and ways to run commands there. */
export interface Scene {
  /** The current directory. */
  readonly work: string;
  readonly home: string;
  /** Starts another host. */
  serve(name: string, projectVersion?: 0 | 1): Promise<ServedHost>;
  /** Runs a command; nothing that it prints may hold a key. */
  run(
    words: readonly string[],
    given?: Partial<Pick<Shell, "environment" | "stdin" | "cwd" | "signal">>,
  ): Promise<Done>;
}

/** Does some work in a scene, and closes its hosts afterwards. */
export async function inScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  await inScratch(async (directory) => {
    await using stack = new AsyncDisposableStack();
    const clock = { now: Date.UTC(2026, 11, 1) };
    const proxies: RecordingProxy[] = [];
    let commands = 0;
    const [home, cwd] = [join(directory, "home"), join(directory, "work")];
    mkdirSync(cwd);
    await work({
      work: cwd,
      home,
      async serve(name, projectVersion = 1): Promise<ServedHost> {
        const host = stack.use(
          await openHost({
            folder: join(directory, name),
            port: 0,
            address: "127.0.0.1",
            projectVersion,
            accounts: [{ name: user, key }, { name: stranger, key: otherKey }],
            now: () => clock.now,
          }),
        );
        const proxy = stack.use(await openRecordingProxy(host.url));
        proxies.push(proxy);
        return servedHost(proxy, await HostApi.login(host.url, key));
      },
      async run(words, given = {}): Promise<Done> {
        for (const { passed } of proxies) passed.length = 0;
        // Without journals, every command has to go by what the hosts hold.
        const state = join(directory, `state-${++commands}`);
        const environment = {
          SWANLAB_CONFIG_DIR: directory,
          XDG_STATE_HOME: state,
          ...given.environment,
        };
        const shell = fakeShell({
          home,
          cwd,
          ...given,
          environment,
          now: () => clock.now,
          sleep(ms): Promise<void> {
            clock.now += ms;
            return new Promise((resolve) => setImmediate(resolve));
          },
        });
        const code = await execute(words, shell);
        const { stdout: { text: stdout }, stderr: { text: stderr } } = shell;
        assert.doesNotMatch(stdout + stderr, /hunter2/);
        const kind = words[0] === "verify" ? "verifyLine" : "syncLine";
        const lines = words.includes("--json") ? parseLines(stdout, kind) : [];
        const runs = lines.filter(({ type }) => type === "run");
        return { code, stdout, stderr, runs, passed: proxies.flatMap(({ passed }) => passed) };
      },
    });
  });
}

function servedHost(proxy: RecordingProxy, api: HostApi): ServedHost {
  const ids = async (project: string): Promise<readonly string[]> => {
    try {
      return await runIds(api, user, project);
    } catch (error) {
      if (!(error instanceof NotThere)) throw error;
      return [];
    }
  };
  return {
    url: proxy.url,
    proxy,
    api,
    ids,
    async facts(project, id): Promise<Facts> {
      return await readFacts(api, user, project, id ?? (await ids(project))[0] ?? "");
    },
  };
}

/** Absolute path of a fixture. */
export function fixture(...parts: readonly string[]): string {
  return join(fileURLToPath(new URL("../../fixtures", import.meta.url)), ...parts);
}

/** The items of the points that were sent, as objects. */
export function sentItems(passed: readonly Passed[], type?: string): readonly Item[] {
  return passed.filter(({ method, path }) => method === "POST" && path === "/api/house/metrics")
    .map(({ body }) => JSON.parse(body.toString()) as { type: string; metrics: readonly Item[] })
    .filter((batch) => type === undefined || batch.type === type)
    .flatMap(({ metrics }) => metrics);
}

/** A point or a line as it was sent. */
export interface Item {
  readonly key?: string;
  readonly index?: number;
  readonly epoch?: number;
  readonly data?: unknown;
  readonly message?: string;
  readonly create_time?: string;
}

/** Addresses that are asked for reading only, though with POST. */
const reading = /\/(scalar|scalar\/export|f_media|summaries|media|keys|get|api_key)$/;

/** The requests that may have changed something at a host, "METHOD PATH" each. */
export function changes(passed: readonly Passed[]): readonly string[] {
  return passed.filter(({ method, path }) =>
    method !== "GET" && !reading.test(path.split("?")[0] ?? "")
  )
    .map(({ method, path }) => `${method} ${path}`);
}
