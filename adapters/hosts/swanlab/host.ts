import { join } from "node:path";
import { makeFolder } from "../../../src/files/durable_folder.ts";
import { writing } from "../../../src/archive/system_error.ts";
import { ConfigError } from "../../../src/errors.ts";
import type { RunReader } from "../../../src/adapter.ts";
import { Accounts, type IssuedAccount, type WantedAccount } from "./accounts.ts";
import { makeApplication } from "./application.ts";
import { ExportDesk } from "./export_desk.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { listen } from "./listener.ts";
import { Sealer } from "./sealer.ts";
import { Signer } from "./signer.ts";
import { lockStore } from "./store_lock.ts";
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
  /**
   * Accounts that there should be, beside those of earlier. Where there are none at all, and only
   * this machine can reach the host, one named "local" is made.
   */
  readonly accounts: readonly WantedAccount[];
  /** Certificate and key, both PEM, for https. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Where clients reach the host, if not where it listens; without `/api`. */
  readonly baseUrl?: string;
  readonly limits?: Partial<Limits>;
  /** ms since epoch. */
  now(): number;
  /** Puts a run that has ended into the archive, so that it is surely there when it resolves. */
  seal?(run: RunReader): Promise<void>;
  /** Told of errors that are the host's own. */
  report?(error: unknown): void;
}

/** A running host. Disposing it ends it; everything that it acknowledged is on disk already. */
export interface SwanlabHost extends AsyncDisposable {
  /** Such as "http://127.0.0.1:8092"; the API lies below `/api`. */
  readonly url: string;
  /** All accounts, with the keys that were given out just now. */
  readonly accounts: readonly IssuedAccount[];
}

/**
 * Starts a SwanLab-compatible host over an archive; resolves once it takes requests.
 * @throws {ConfigError} when an account, the address or the certificate cannot be used.
 * @throws {ToolError} `locked` when another process serves the folder.
 * @throws {DestinationError} when the folder cannot be written.
 */
export async function openHost(options: HostOptions): Promise<SwanlabHost> {
  const { folder, projectVersion, seal } = options;
  const baseUrl = options.baseUrl === undefined ? undefined : plainAddress(options.baseUrl);
  const now = (): number => options.now();
  const report = (error: unknown): void => options.report?.(error);
  const own = join(folder, ".open");
  await writing(own, () => makeFolder(own, 0o700));
  await using opened = new AsyncDisposableStack();
  opened.use(await writing(own, () => lockStore(join(own, "lock"))));
  const accounts = await writing(own, () => Accounts.open(join(own, "accounts.json")));
  const issued = await writing(own, () => issue(accounts, options));
  const store = opened.use(await writing(own, () => Store.open(own, now)));
  const sealer = seal === undefined ? undefined : opened.use(new Sealer(store, seal, report));
  store.onChange = (run) => sealer?.add(run);
  const limits = { ...defaultLimits, ...options.limits };
  const app = makeApplication({
    store,
    accounts,
    signer: new Signer(accounts.secret),
    exports: new ExportDesk(),
    limits,
    projectVersion,
    baseUrl,
    now,
  }, report);
  const listener = opened.use(await listen(app, { ...options, limits }));
  sealer?.addAll();
  const running = opened.move();
  return {
    url: listener.url,
    accounts: issued,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** @throws {ConfigError} when it is no address of a web server. */
function plainAddress(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text.replace(/\/+$/, "");
  throw new ConfigError(`Not an address: ${JSON.stringify(text)}`, {
    hint: "Give the whole address, such as https://lab.example/runs.",
  });
}

async function issue(
  accounts: Accounts,
  { accounts: wanted, address }: HostOptions,
): Promise<readonly IssuedAccount[]> {
  const issued = new Map<string, IssuedAccount>();
  for (const account of wanted) issued.set(account.name, await accounts.put(account));
  if (accounts.names.length === 0) {
    if (!isLoopback(address)) {
      throw new ConfigError(`Nobody has an account, and ${address} can be reached from elsewhere`, {
        hint: "Name somebody who may use the host, such as --user me.",
      });
    }
    issued.set("local", await accounts.put({ name: "local" }));
  }
  return accounts.names.map((name) => issued.get(name) ?? { name });
}

/** Whether only this machine can reach an address. */
function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);
}
