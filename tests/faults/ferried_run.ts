import { join } from "node:path";
import { swanlab } from "../../adapters/destinations/swanlab/destination.ts";
import { openHost } from "../../adapters/hosts/swanlab/host.ts";
import type { Context } from "../../src/adapter.ts";
import { parseHost } from "../../src/config/host.ts";
import { Secret } from "../../src/config/secret.ts";
import type { Outcome } from "../../src/sync/outcome.ts";
import { ferry } from "../adapters/archive/ferry.ts";
import { testContext } from "../contract/context.ts";
import {
  eventsOf,
  type MemoryRun,
  openMemoryRun,
  type Unnumbered,
} from "../contract/memory_run.ts";
import { Facts } from "../interop/facts.ts";
import { HostApi, NotThere } from "../interop/host_api.ts";
import { readFacts, runIds } from "../interop/read_facts.ts";
import { type EditedHost, type Edits, openEditedHost } from "./edited_host.ts";
import type { FaultProxy, ProxiedRequest } from "./fault_proxy.ts";
import { Ledger } from "./ledger.ts";

/** The one account of a test host. */
export const user = "ferry";
export const key = "faults0faults0faults0";
const start = 1_700_000_000_000;

function rows(count: number): readonly Unnumbered[] {
  return Array.from({ length: count }, (_, step) => ({
    type: "history",
    step,
    time: start + step,
    values: { loss: 1 / (step + 1), "val/acc": step === 7 ? NaN : step / 3 },
  }));
}

function picture(step: number, path: string): Unnumbered {
  const items = [{ file: { path }, caption: `picture ${step}` }];
  return { type: "media", step, time: start + step, key: "img", kind: "image", items };
}

function lines(count: number): readonly Unnumbered[] {
  return Array.from({ length: count }, (_, at) => ({
    type: "console",
    time: start + at,
    stream: "stdout",
    text: `line ${at}`,
    line: at + 1,
  }));
}

/** A run with something of every kind that travels in a way of its own. */
export const ferriedRun: MemoryRun = {
  info: { project: "a project", name: "a run", startedAt: start },
  events: eventsOf([
    { type: "config", set: { rate: 0.1, layers: [1, 2] } },
    { type: "environment", metadata: { cpu: 2 }, requirements: "a==1\n" },
    ...rows(20),
    picture(0, "files/a.png"),
    picture(3, "files/b.png"),
    ...lines(9),
    { type: "system", time: start, step: 0, values: { "cpu.0": 0.5 } },
    { type: "system", time: start + 9, step: 1, values: { "cpu.0": 0.25 } },
    { type: "file", name: "note.txt", file: { path: "files/note.txt" }, purpose: "saved" },
    { type: "file", name: "model.bin", file: { path: "files/model.bin" }, purpose: "saved" },
    { type: "finish", state: "finished" },
  ]),
  files: new Map([
    ["files/a.png", "the bytes of a"],
    ["files/b.png", "the bytes of b"],
    ["files/note.txt", "a note\n"],
    ["files/model.bin", "a model ".repeat(1000)],
  ]),
};

/** A host for many ferries, each into a project and a run of its own. */
export interface TestHost extends AsyncDisposable {
  readonly url: string;
  /**
   * What the host holds of the run of one ferry, with the points that came more than once; nothing
   * when it has none.
   */
  heldFacts(ferry: number): Promise<Facts>;
  readonly forward: EditedHost["forward"];
  readonly settled: EditedHost["settled"];
}

/**
 * Opens a host whose clock stands still unless there is another; `edits` change what it is told and
 * what it says.
 */
export async function openTestHost(
  directory: string,
  edits: Edits = {},
  now: () => number = (): number => start,
): Promise<TestHost> {
  const host = await openHost({
    folder: join(directory, "store"),
    port: 0,
    address: "127.0.0.1",
    projectVersion: 1,
    accounts: [{ name: user, key }],
    now,
  });
  const api = await HostApi.login(host.url, key);
  const ledger = new Ledger();
  const edited = await openEditedHost(host.url, edits, ledger);
  return {
    url: edited.url,
    async heldFacts(ferry): Promise<Facts> {
      try {
        const [id, ...more] = await runIds(api, user, projectOf(ferry));
        if (id === undefined) return new Facts();
        const facts = await readFacts(api, user, projectOf(ferry), id);
        for (const [name, count] of ledger.doubled(id)) facts.add("doubled", name, String(count));
        for (const other of more) facts.add("runs", other, "another one");
        return facts;
      } catch (error) {
        if (!(error instanceof NotThere)) throw error;
        return new Facts();
      }
    },
    forward: edited.forward,
    settled: edited.settled,
    async [Symbol.asyncDispose](): Promise<void> {
      await edited[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}

/** The fake clock; waiting mends a proxy that refuses connections. */
export function patientContext(proxy: FaultProxy, signal?: AbortSignal): Context {
  const context = testContext(signal === undefined ? {} : { signal });
  return {
    ...context,
    async wait(ms): Promise<void> {
      await proxy.restore();
      await context.wait(ms);
    },
  };
}

/** The project of a ferry. */
export function projectOf(ferry: number): string {
  return `project-${ferry}`;
}

/** Ferries a run to a host at `url` as `sync` does. */
export function ferryTo(
  url: string,
  ferryNumber: number,
  context: Context,
  run: MemoryRun = ferriedRun,
): Promise<Outcome> {
  const destination = swanlab({
    host: parseHost(url),
    key: () => Promise.resolve(new Secret(key)),
    workspace: user,
    project: projectOf(ferryNumber),
    id: { id: `run-${ferryNumber}` },
    exact: true,
    originalTimes: false,
    xAxis: "step",
    tool: "runferry 0.0.0",
  });
  return ferry(openMemoryRun(run), destination, context);
}

/** What a request of a ferry asks for, without what differs from ferry to ferry. */
export function nameOfRequest({ method, path }: ProxiedRequest): string {
  const [address = "", query = ""] = path.split("?");
  const level = /level=\w+/.exec(query)?.[0] ?? "";
  const name = address.replace(/exports-\w+/, "exports").replace(/(project|run)-\d+/g, "$1");
  return `${method} ${name} ${level}`.trimEnd();
}
