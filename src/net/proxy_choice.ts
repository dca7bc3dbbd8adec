import { ConfigError } from "../errors.ts";
import { Proxy } from "./proxy.ts";
import { ProxyExceptions } from "./proxy_exceptions.ts";

/** Variables of the environment that name proxies, as every spelling of them is known. */
export const proxyVariables: readonly string[] = [
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
]
  .flatMap((name) => [name, name.toUpperCase()]);

type Environment = { readonly [name: string]: string | undefined };

/**
 * Which proxy a request goes through. What the user said for its host counts first, then what was
 * said for all, then the environment, in which lower case counts before upper case (as with curl).
 */
export class ProxyChoice {
  readonly #byHost = new Map<string, Proxy | undefined>();
  readonly #forAll: { readonly proxy: Proxy | undefined } | undefined;
  readonly #environment: Environment;
  readonly #exceptions: ProxyExceptions;

  /**
   * `given` is what the user said: addresses of proxies, each with `HOST=` before it if only meant
   * for that host, and `none` for no proxy.
   * @throws {ConfigError} when one cannot be understood.
   */
  constructor(given: readonly string[], environment: Environment) {
    this.#environment = environment;
    this.#exceptions = new ProxyExceptions(valueOf(environment, "no_proxy") ?? "");
    for (const text of given) {
      const [, host, address = text] = /^([^=/@]+)=(.*)$/s.exec(text) ?? [];
      const proxy = address === "none" ? undefined : new Proxy(address, "--proxy");
      if (host !== undefined) this.#byHost.set(host.toLowerCase(), proxy);
      else if (this.#forAll === undefined) this.#forAll = { proxy };
      else throw twice();
    }
  }

  /**
   * The proxy for an address, undefined where it is reached directly. This machine itself never
   * needs one, unless the user says so.
   * @throws {ConfigError} when the environment names one that cannot be understood.
   */
  of(address: string): Proxy | undefined {
    const url = new URL(address);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    for (const name of [url.host, host]) {
      if (this.#byHost.has(name)) return this.#byHost.get(name);
    }
    if (this.#forAll !== undefined) return this.#forAll.proxy;
    const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
    if (isThisMachine(host) || this.#exceptions.has(host, port)) return undefined;
    return this.#named(url.protocol === "https:" ? "https_proxy" : "http_proxy");
  }

  #named(variable: string): Proxy | undefined {
    for (const name of [variable, "all_proxy"]) {
      const value = valueOf(this.#environment, name);
      if (value !== undefined) return new Proxy(value, name);
    }
    return undefined;
  }
}

/** A variable in either spelling. Web servers put a header of the request into HTTP_PROXY. */
function valueOf(environment: Environment, name: string): string | undefined {
  const isHeader = name === "http_proxy" && environment["REQUEST_METHOD"] !== undefined;
  const [lower = "", upper = ""] = [environment[name], environment[name.toUpperCase()]];
  const value = lower.trim() || (isHeader ? "" : upper.trim());
  return value === "" ? undefined : value;
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" ||
    /^127(\.\d+){3}$/.test(host);
}

function twice(): ConfigError {
  return new ConfigError("--proxy names two proxies for everything", {
    hint: "Write --proxy HOST=PROXY for what is only meant for one host.",
  });
}
