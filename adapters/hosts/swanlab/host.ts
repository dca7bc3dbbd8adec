import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Accounts, type NewAccount } from "./accounts.ts";
import { makeApplication } from "./application.ts";
import { ExportDesk } from "./export_desk.ts";
import type { Host } from "./host_app.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { listen } from "./listener.ts";
import { Signer } from "./signer.ts";
import { Store } from "./store.ts";

/** How a host is run. */
export interface HostOptions {
  /** The archive; the host's own files lie in `.open` below it. Made when it is missing. */
  readonly folder: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Address to listen at, such as "127.0.0.1". */
  readonly address: string;
  /** 1 for a host with series, 0 for an old private one with columns. */
  readonly projectVersion: 0 | 1;
  /** Accounts to add, or to give another key. */
  readonly accounts: readonly NewAccount[];
  /** Certificate and key, both PEM, for https. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Where clients reach the host, if not where it listens; without `/api`. */
  readonly baseUrl?: string;
  readonly limits?: Partial<Limits>;
  /** ms since epoch. */
  now(): number;
  /** Told of errors that are the host's own. */
  report?(error: unknown): void;
}

/** A running host. Disposing it ends it; everything that it acknowledged is on disk already. */
export interface SwanlabHost extends AsyncDisposable {
  /** Such as "http://127.0.0.1:8092"; the API lies below `/api`. */
  readonly url: string;
}

/**
 * Starts a SwanLab-compatible host over an archive; resolves once it takes requests.
 * @throws {ConfigError} when an account, the address or the certificate cannot be used.
 */
export async function openHost(options: HostOptions): Promise<SwanlabHost> {
  const { folder, projectVersion, baseUrl } = options;
  const own = join(folder, ".open");
  await mkdir(own, { recursive: true });
  const now = (): number => options.now();
  const accounts = await Accounts.open(join(own, "accounts.json"));
  for (const account of options.accounts) await accounts.put(account);
  const limits = { ...defaultLimits, ...options.limits };
  const store = await Store.open(own, now);
  const host: Host = {
    store,
    accounts,
    signer: new Signer(accounts.secret),
    exports: new ExportDesk(),
    limits,
    projectVersion,
    baseUrl: baseUrl?.replace(/\/+$/, ""),
    now,
    ended: () => {},
  };
  const app = makeApplication(host, (error) => options.report?.(error));
  const listener = await listen(app, { ...options, limits });
  return {
    url: listener.url,
    async [Symbol.asyncDispose](): Promise<void> {
      await listener[Symbol.asyncDispose]();
      await store.close();
    },
  };
}
