import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type HostOptions, openHost, type SwanlabHost } from "../../adapters/hosts/swanlab/host.ts";
import { writeLosslessJson } from "../codec/lossless_json.ts";
import { ConfigError, systemCode, UsageError } from "../errors.ts";
import { errorReport } from "../sync/error_report.ts";
import { failureText } from "./failure_text.ts";
import { sealRunsIn } from "./seal_run.ts";
import type { Shell } from "./shell.ts";
import { painter } from "./style.ts";

/** Options of `runferry serve`. */
export interface ServeOptions {
  readonly port: number;
  readonly listen: string;
  readonly user: readonly string[];
  /** One for each `user`, as far as they go. */
  readonly key: readonly string[];
  readonly projectVersion: "0" | "1";
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly baseUrl?: string | undefined;
  /** Whether runs that have ended become tars of the archive. */
  readonly seal: boolean;
  readonly json?: true | undefined;
}

/** Serves an archive until a signal ends it; resolves to the exit code. */
export async function serveCommand(
  shell: Shell,
  folder: string,
  options: ServeOptions,
): Promise<number> {
  const { user, key } = options;
  if (key.length > user.length) {
    throw new UsageError("There are more keys than users", {
      hint: "Give --user NAME before each --key KEY.",
    });
  }
  const path = resolve(shell.cwd, folder);
  const tls = await readTls(shell, options);
  await using host = await openHost({
    folder: path,
    port: options.port,
    address: options.listen,
    projectVersion: options.projectVersion === "0" ? 0 : 1,
    accounts: user.map((name, at) => ({
      name,
      ...(key[at] === undefined ? {} : { key: key[at] }),
    })),
    ...(tls === undefined ? {} : { tls }),
    ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
    ...(options.seal ? { seal: sealRunsIn(shell, path) } : {}),
    now: () => shell.now(),
    report: (error) => void tell(shell, error),
  });
  await shell.stdout.write(options.json ? readyJson(host, path) : readyText(host, path));
  await ended(shell.signal);
  return 0;
}

/** Resolves when the user wants it to end. */
function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

async function tell({ stderr }: Shell, error: unknown): Promise<void> {
  const paint = painter(stderr.terminal.colour);
  await stderr.write(failureText(errorReport(error), paint, stderr.terminal.columns));
}

async function readTls(
  { cwd }: Shell,
  { tlsCert, tlsKey }: ServeOptions,
): Promise<HostOptions["tls"]> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError("A certificate and its key belong together", {
      hint: "Give both --tls-cert and --tls-key.",
    });
  }
  return {
    certificate: await readPem(resolve(cwd, tlsCert)),
    key: await readPem(resolve(cwd, tlsKey)),
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new ConfigError(`Cannot read ${path}: ${systemCode(error) ?? String(error)}`, {
      hint: "Name a readable PEM file.",
      cause: error,
    });
  }
}

function readyJson({ url, accounts }: SwanlabHost, folder: string): string {
  return `${writeLosslessJson({ type: "ready", url, folder, accounts })}\n`;
}

function readyText({ url, accounts }: SwanlabHost, folder: string): string {
  const lines = [`Serving ${folder} at ${url}`];
  for (const { name, key } of accounts) {
    lines.push(key === undefined ? `account ${name}` : `account ${name}, key ${key}`);
  }
  const shown = accounts.find(({ key }) => key !== undefined);
  // Runs of another host name a workspace there, which is not one of this host.
  const { name = "NAME", key = "KEY" } = shown ?? {};
  lines.push("", `  runferry sync runs -h ${url} -k ${key} -w ${name}`);
  if (shown !== undefined) {
    lines.push("", "Keep the key: it is stored nowhere and not shown again.");
  }
  return `${lines.join("\n")}\n`;
}
