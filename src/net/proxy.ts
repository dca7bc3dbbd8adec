import { ConfigError } from "../errors.ts";

/** How a proxy is spoken to. `socks5` is given addresses, `socks5h` and `socks4a` names. */
export type ProxyKind = "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h";

/** What people write, and what it means; curl knows the same names, and `socks` is its own. */
const kinds: ReadonlyMap<string, ProxyKind> = new Map([
  ["http", "http"],
  ["https", "https"],
  ["socks", "socks5h"],
  ["socks4", "socks4"],
  ["socks4a", "socks4a"],
  ["socks5", "socks5"],
  ["socks5h", "socks5h"],
]);

const defaultPorts: { readonly [kind in ProxyKind]: number } = {
  http: 80,
  https: 443,
  socks4: 1080,
  socks4a: 1080,
  socks5: 1080,
  socks5h: 1080,
};

/** A machine through which requests go. What it is printed as has no password in it. */
export class Proxy {
  readonly kind: ProxyKind;
  readonly host: string;
  readonly port: number;
  /** Who we are to it; "" where it does not ask. */
  readonly user: string;
  readonly #password: string;

  /**
   * Reads an address: `SCHEME://USER:PASSWORD@HOST:PORT`, of which all but the host may be left out;
   * without a scheme it is an HTTP proxy. `where` is where the text comes from.
   * @throws {ConfigError} when it cannot be understood; the message has no password in it.
   */
  constructor(text: string, where: string) {
    const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
    const scheme = whole.slice(0, whole.indexOf(":")).toLowerCase();
    const kind = kinds.get(scheme);
    if (kind === undefined) throw unknownKind(scheme, where);
    // Only http addresses are taken apart alike by every runtime.
    const url = parse(`http${whole.slice(scheme.length)}`);
    if (url === undefined) throw noAddress(where);
    this.kind = kind;
    this.host = url.hostname.replace(/^\[|\]$/g, "");
    this.port = url.port === "" ? explicitPort(whole) ?? defaultPorts[kind] : Number(url.port);
    this.user = decode(url.username);
    this.#password = decode(url.password);
  }

  /** Whether it speaks SOCKS, which `fetch` does not. */
  get isSocks(): boolean {
    return this.kind !== "http" && this.kind !== "https";
  }

  /** As messages name it. */
  get name(): string {
    return `${this.kind}://${this.#place}`;
  }

  /** For the one who opens the connection, and nobody else. */
  get password(): string {
    return this.#password;
  }

  /** What `fetch` takes, password and all. */
  get url(): string {
    const user = encodeURIComponent(this.user);
    const isOpen = user === "" && this.#password === "";
    const who = isOpen ? "" : `${user}:${encodeURIComponent(this.#password)}@`;
    return `${this.kind}://${who}${this.#place}`;
  }

  toJSON(): string {
    return this.name;
  }

  get #place(): string {
    return `${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.port}`;
  }
}

function parse(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url === undefined || url.hostname === "" ? undefined : url;
}

/** The URL standard drops `:80` from an http address, which is not what a SOCKS proxy means. */
function explicitPort(text: string): number | undefined {
  return /^[^/]*\/\/[^/?#]*:80(?:[/?#]|$)/.test(text) ? 80 : undefined;
}

/** Passwords with a `%` that escapes nothing are meant as they stand. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return text;
  }
}

function unknownKind(scheme: string, where: string): ConfigError {
  return new ConfigError(`${where} names a proxy that speaks "${scheme}", which is not known`, {
    hint: "Write http://, https://, socks5:// or socks5h:// before the host of the proxy.",
  });
}

function noAddress(where: string): ConfigError {
  return new ConfigError(`${where} is not the address of a proxy`, {
    hint: "Write it as socks5://HOST:PORT or http://USER:PASSWORD@HOST:PORT; a /, @, # or ? in a " +
      "password is written as %2F, %40, %23 or %3F.",
  });
}
