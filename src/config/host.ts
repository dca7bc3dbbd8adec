import { ConfigError } from "../errors.ts";

/** A SwanLab server: the cloud or a private one. */
export interface Host {
  /** How messages and `--to` name it: "swanlab" for the cloud, else its address. */
  readonly name: string;
  /** Scheme, host, port, and the path if it lives below one; without `/api` and final slash. */
  readonly url: string;
  /** Scheme, host and port: what a key belongs to. */
  readonly origin: string;
  /** What the paths of the API are appended to. */
  readonly apiBase: string;
  /** What the paths of its web pages are appended to. */
  readonly webBase: string;
}

const cloudUrl = "https://api.swanlab.cn";
const cloudWeb = "https://swanlab.cn";
const cloudNames = ["api.swanlab.cn", "swanlab.cn", "www.swanlab.cn"];

/** swanlab.cn, which is meant when nothing else is said. */
export const cloud: Host = makeHost("swanlab", cloudUrl, cloudWeb);

/**
 * Understands a host as people write it: with or without scheme, port, `/api` and final slash.
 * Without a scheme it is https, but http for this machine itself. `web` is the address of its web
 * pages, where that is another one.
 * @throws {ConfigError} when it cannot be understood.
 */
export function parseHost(text: string, web?: string): Host {
  const address = parseAddress(text);
  const webAddress = web === undefined ? undefined : addressText(parseAddress(web));
  if (cloudNames.includes(address.hostname) && address.port === "") {
    return webAddress === undefined ? cloud : makeHost(cloud.name, cloudUrl, webAddress);
  }
  const url = addressText(address);
  return makeHost(url, url, webAddress ?? url);
}

function makeHost(name: string, url: string, webBase: string): Host {
  return { name, url, origin: new URL(url).origin, apiBase: `${url}/api`, webBase };
}

function parseAddress(text: string): URL {
  const trimmed = text.trim();
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    throw notUnderstood(shown(trimmed), "it should begin with https:// or http://");
  }
  const bare = scheme === undefined ? trimmed : trimmed.slice(scheme.length + 3);
  if (bare === "" || /^\d+$/.test(bare) || bare.startsWith("/")) {
    throw notUnderstood(shown(trimmed), "it names no host");
  }
  const full = `${scheme ?? (isThisMachine(bare) ? "http" : "https")}://${bare}`;
  if (!URL.canParse(full)) throw notUnderstood(shown(trimmed), "it is not an address");
  const address = new URL(full);
  if (address.username !== "" || address.password !== "") {
    throw notUnderstood(shown(trimmed), "it holds a user name or a password");
  }
  if (address.search !== "" || address.hash !== "" || /\/@/.test(address.pathname)) {
    throw notUnderstood(shown(trimmed), "it is the address of a page");
  }
  return address;
}

/** Whether an address without scheme is one of this machine. */
function isThisMachine(bare: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i.test(bare);
}

/** The address as it is kept and shown; a trailing `/api` is what older settings have. */
function addressText({ origin, pathname }: URL): string {
  const path = pathname.replace(/\/+$/, "").replace(/\/api$/, "").replace(/\/+$/, "");
  return origin + path;
}

/** What was written, but without a password. */
function shown(text: string): string {
  return text.replace(/[^/]*@(?=[^/])/, (before) => before === "@" ? "@" : "…@");
}

function notUnderstood(text: string, why: string): ConfigError {
  return new ConfigError(`The host ${JSON.stringify(text)} cannot be understood: ${why}`, {
    hint: "Write it like https://swanlab.example.com or http://127.0.0.1:8092, and nothing more.",
  });
}
