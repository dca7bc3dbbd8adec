import { once } from "node:events";
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import process from "node:process";
import { start } from "../e2e/binary.ts";
import { Dice } from "../generate/dice.ts";
import { startedAt } from "../generate/generated_run.ts";
import { type RunPart, writePart } from "../generate/run_part.ts";
import { HostApi, NotThere } from "../interop/host_api.ts";
import { at, itemsAt } from "../interop/json_path.ts";
import type { Login } from "../interop/official_client.ts";

/** ms from the bytes of each row on the disk to its point at the host, ascending. */
export type Latencies = readonly number[];

const project = "latency";
/** ms between two questions to the host. */
const asking = 20;
/** ms between two rows, at least and at most. */
const gaps = [200, 3200] as const;

/** Writes a run row by row, with pauses of any length, while it is watched. */
export async function measureLatency(
  tracker: RunPart["tracker"],
  { login, directory, rows }: {
    readonly login: Login;
    readonly directory: string;
    readonly rows: number;
  },
): Promise<Latencies> {
  const part: RunPart = {
    tracker,
    directory: folder(directory, "whole"),
    id: `latency${tracker}`,
    startedAt,
    steps: [0, rows],
    loss: 1,
    ended: false,
  };
  const whole = writePart(part);
  const name = `run-${part.id}.${tracker}`;
  const bytes = readFileSync(join(whole, name));
  const lengths = [...Array(rows + 1).keys()].map((row) => {
    const shorter = { ...part, directory: folder(directory, `${row}`), steps: [0, row] } as const;
    return readFileSync(join(writePart(shorter), name)).length;
  });
  const place = folder(directory, "growing");
  const log = join(place, basename(whole), name);
  cpSync(whole, dirname(log), { recursive: true });
  writeFileSync(log, bytes.subarray(0, lengths[0]));
  const { url, key, user } = login;
  const words = ["watch", place, "-h", url, "-k", key, "-w", user, "-p", project]
    .concat(["--state", join(directory, "state"), "-q"]);
  const child = start(words, { cwd: directory });
  child.stderr?.pipe(process.stderr);
  const api = await HostApi.login(url, key);
  await shown(api, part.id, 0);
  const dice = new Dice(7);
  const latencies: number[] = [];
  for (let row = 1; row <= rows; row++) {
    await setTimeout(gaps[0] + dice.fraction() * (gaps[1] - gaps[0]));
    appendFileSync(log, bytes.subarray(lengths[row - 1], lengths[row]));
    const began = performance.now();
    await shown(api, part.id, row);
    latencies.push(performance.now() - began);
  }
  child.kill("SIGTERM");
  await once(child, "close");
  return latencies.sort((left, right) => left - right);
}

function folder(...parts: readonly string[]): string {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Waits until a host has the point of a row. */
async function shown(api: HostApi, run: string, row: number): Promise<void> {
  const columns = [{ experimentId: run, key: "loss" }];
  for (;;) {
    try {
      const list = await api.ask("/house/metrics/scalar/value", { columns, xType: "step" });
      const [value] = itemsAt({ list }, "list");
      if (Number(at(value, "latest", "index") ?? -1) >= row) return;
    } catch (error) {
      if (!(error instanceof NotThere)) throw error;
    }
    await setTimeout(asking);
  }
}
