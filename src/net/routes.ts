import { readFile } from "node:fs/promises";
import { getCACertificates } from "node:tls";
import { ConfigError, systemCode } from "../errors.ts";
import type { NetworkError } from "./network_error.ts";
import type { Proxy } from "./proxy.ts";
import { ProxyChoice } from "./proxy_choice.ts";
import { SocksBridge } from "./socks_bridge.ts";

/** How this machine reaches others. */
export interface RoutesOptions {
  /** What the user said of proxies; see {@link ProxyChoice}. */
  readonly proxies: readonly string[];
  /** Absolute path of a PEM file with certificates to believe besides those of the system. */
  readonly certificates?: string;
  /** Whether anybody may answer for a host. */
  readonly insecure: boolean;
  /** Names proxies where the user does not. */
  readonly environment: { readonly [name: string]: string | undefined };
}

/** How a request gets to a host. */
export interface Route {
  /** What `fetch` has to be told. */
  readonly options: {
    readonly proxy?: string;
    readonly tls?: { readonly ca?: readonly string[]; readonly rejectUnauthorized?: boolean };
  };
  /** Why the way could not be opened, where `fetch` cannot know that; told once. */
  takeFailure(): NetworkError | undefined;
}

/** Finds the way to hosts. */
export class Routes {
  readonly #options: RoutesOptions;
  readonly #choice: ProxyChoice;
  readonly #bridges = new Map<string, SocksBridge>();
  #trusted: Promise<readonly string[]> | undefined;

  /** @throws {ConfigError} when what was said of proxies cannot be understood. */
  constructor(options: RoutesOptions) {
    this.#options = options;
    this.#choice = new ProxyChoice(options.proxies, options.environment);
  }

  /** The proxy on the way to an address, if there is one. */
  proxyTo(address: string): Proxy | undefined {
    return this.#choice.of(address);
  }

  /**
   * The way to an address.
   * @throws {ConfigError} when the certificates cannot be read, or a proxy of the environment
   * cannot be understood.
   */
  async to(address: string): Promise<Route> {
    const tls = await this.#tls();
    const proxy = this.#choice.of(address);
    if (proxy === undefined) return { options: tls, takeFailure: () => undefined };
    if (!proxy.isSocks) {
      return { options: { ...tls, proxy: proxy.url }, takeFailure: () => undefined };
    }
    const bridge = this.#bridge(proxy);
    return {
      options: { ...tls, proxy: await bridge.url() },
      takeFailure: () => bridge.takeFailure(address),
    };
  }

  #bridge(proxy: Proxy): SocksBridge {
    let bridge = this.#bridges.get(proxy.url);
    if (bridge === undefined) {
      bridge = new SocksBridge(proxy);
      this.#bridges.set(proxy.url, bridge);
    }
    return bridge;
  }

  async #tls(): Promise<Pick<Route["options"], "tls">> {
    const { certificates, insecure } = this.#options;
    if (insecure) return { tls: { rejectUnauthorized: false } };
    if (certificates === undefined) return {};
    this.#trusted ??= readTrusted(certificates);
    return { tls: { ca: await this.#trusted } };
  }
}

/** The certificates that are believed anyway, and those in a file. */
async function readTrusted(path: string): Promise<readonly string[]> {
  const text = await readText(path);
  const own = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  if (own.length === 0) {
    throw new ConfigError(`There is no certificate in ${path}`, {
      hint: "Name a PEM file: text that begins with -----BEGIN CERTIFICATE-----.",
    });
  }
  return [...getCACertificates("default"), ...own];
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new ConfigError(`Cannot read the certificates in ${path} (${code})`, {
      hint: "Check the path after --ca-cert.",
      cause: error,
    });
  }
}
