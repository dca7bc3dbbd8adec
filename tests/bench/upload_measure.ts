import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../e2e/binary.ts";
import { openDelayProxy } from "../faults/delay_proxy.ts";
import { openFaultProxy } from "../faults/fault_proxy.ts";
import { startHost } from "../interop/host_process.ts";
import type { Login } from "../interop/official_client.ts";
import { measure, type Measured } from "./measure.ts";
import type { UploadCase } from "./upload_case.ts";

/** A program that uploads, and how it is told to. */
export type Uploader = (login: Login, run: UploadCase) => readonly string[];

const project = "bench";

/** Ours; `words` are added to its arguments. */
export function ours(...words: readonly string[]): Uploader {
  return (
    { url, key, user },
    { path },
  ) => [binary, "sync", path, "-h", url, "-k", key, "-w", user, "-p", project, "-q", ...words];
}

/** The official client whose programs lie in a folder. */
export function official(programs: string): Uploader {
  return (login, run) => [
    "env",
    `SWANLAB_API_HOST=${login.url}`,
    `SWANLAB_WEB_HOST=${login.url}`,
    `SWANLAB_API_KEY=${login.key}`,
    join(programs, "swanlab"),
    ...run.official(login, project),
  ];
}

/** Gives `use` a new empty host, and a home without logins. */
async function atNewHost<Result>(
  directory: string,
  use: (login: Login, home: string) => Promise<Result>,
): Promise<Result> {
  const place = mkdtempSync(join(directory, "host-"));
  const home = join(place, "home");
  mkdirSync(home);
  try {
    await using host = await startHost(join(place, "store"), 1);
    return await use(host.login, home);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function upload(
  uploader: Uploader,
  login: Login,
  run: UploadCase,
  home: string,
): Promise<Measured> {
  return measure(["env", `HOME=${home}`, ...uploader(login, run)], true);
}

/** One upload to an empty host. */
export function measureUpload(
  uploader: Uploader,
  run: UploadCase,
  directory: string,
): Promise<Measured> {
  return atNewHost(directory, (login, home) => upload(uploader, login, run, home));
}

/** What went over the wire. */
export interface Traffic {
  readonly requests: number;
  /** Bytes of the bodies of all requests. */
  readonly bytes: number;
}

/** The requests of one upload, counted by a proxy that slows it down. */
export function countUpload(
  uploader: Uploader,
  run: UploadCase,
  directory: string,
): Promise<Traffic> {
  return atNewHost(directory, async (login, home) => {
    await using proxy = await openFaultProxy({ target: login.url });
    await upload(uploader, { ...login, url: proxy.url }, run, home);
    const bytes = proxy.requests.reduce((sum, request) => sum + request.bytes, 0);
    return { requests: proxy.requests.length, bytes };
  });
}

/** An upload over a line that has its length and its width. */
export interface FarUpload {
  readonly seconds: number;
  /** Bytes that went there, heads included. */
  readonly sent: number;
  /** And back: what was sent is read back and compared, which begins when all of it is there. */
  readonly received: number;
  /** Seconds that the bytes alone need. */
  readonly bound: number;
  readonly connections: number;
}

/** One upload over a line with a round trip of so many ms and so many bytes a second each way. */
export function measureFarUpload(
  uploader: Uploader,
  run: UploadCase,
  directory: string,
  line: { readonly roundTrip: number; readonly bandwidth: number },
): Promise<FarUpload> {
  return atNewHost(directory, async (login, home) => {
    await using proxy = await openDelayProxy({
      target: login.url,
      delay: line.roundTrip / 2,
      bandwidth: line.bandwidth,
    });
    const { seconds } = await upload(uploader, { ...login, url: proxy.url }, run, home);
    const { sent, received, connections } = proxy;
    return { seconds, sent, received, bound: (sent + received) / line.bandwidth, connections };
  });
}
