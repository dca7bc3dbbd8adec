import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startHost } from "../interop/host_process.ts";
import type { Login } from "../interop/official_client.ts";

/** What a host bears. */
export interface HostRate {
  readonly points: number;
  readonly seconds: number;
  /** Seconds of all processors that the host took. */
  readonly cpu: number;
  /** Memory of the host in bytes after a quarter of the points. */
  readonly early: number;
  /** And after all of them. */
  readonly late: number;
}

const pointsAtOnce = 10_000;
const keys = 10;
const senders = 2;
const ticksPerSecond = 100;

function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) * 1024;
}

function cpuOf(pid: number): number {
  const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, "latin1").split(" ")
    .slice(13, 15).map(Number);
  return (user + system) / ticksPerSecond;
}

async function post(
  { url }: Login,
  headers: { readonly [name: string]: string },
  path: string,
  body: string,
): Promise<string> {
  const response = await fetch(`${url}/api${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return text;
}

function batch(projectId: string, experimentId: string, number: number): string {
  const items: string[] = [];
  const rows = pointsAtOnce / keys;
  for (let row = 0; row < rows; row++) {
    const index = number * rows + row;
    const time = new Date(1_700_000_000_000 + index * 50).toISOString();
    for (let key = 0; key < keys; key++) {
      const data = Math.sin(index + key);
      items.push(`{"key":"train/${key}","index":${index},"data":${data},"create_time":"${time}"}`);
    }
  }
  return `{"projectId":"${projectId}","experimentId":"${experimentId}","type":"scalar",` +
    `"metrics":[${items.join(",")}]}`;
}

/** Sends so many new points to a new host, as fast as it takes them. */
export async function hostRate(directory: string, points: number): Promise<HostRate> {
  await using host = await startHost(join(directory, "rate-store"), 1);
  const { login, pid } = host;
  const { sid } = JSON.parse(
    await post(login, { authorization: login.key }, "/login/api_key", ""),
  );
  const cookie = { cookie: `sid=${sid}` };
  const body = JSON.stringify({ name: "rate", visibility: "PRIVATE" });
  await post(login, cookie, `/projects/${login.user}`, body);
  const project = await fetch(`${login.url}/api/project/${login.user}/rate`, { headers: cookie });
  const { cuid: projectId } = await project.json();
  const begun = JSON.stringify({
    name: "rate",
    cuid: "rate",
    createdAt: new Date(0).toISOString(),
  });
  await post(login, cookie, `/project/${login.user}/rate/experiment`, begun);
  const batches = points / pointsAtOnce;
  let next = 0;
  let early = 0;
  const started = performance.now();
  const send = async (): Promise<void> => {
    while (next < batches) {
      const number = next++;
      if (number === Math.floor(batches / 4)) early = memoryOf(pid);
      await post(login, cookie, "/house/metrics", batch(projectId, "rate", number));
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  const seconds = (performance.now() - started) / 1000;
  return { points, seconds, cpu: cpuOf(pid), early, late: memoryOf(pid) };
}
