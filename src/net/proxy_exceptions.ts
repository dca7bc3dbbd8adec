import { BlockList, isIP } from "node:net";

/** Hosts that are reached without a proxy. */
export class ProxyExceptions {
  readonly #rules: readonly Rule[];

  /**
   * Reads what `no_proxy` holds, parts set apart by commas or spaces: `*`, a name, which stands for
   * what is below it too, with or without a leading `.` or `*.`, an address, a network such as
   * `10.0.0.0/8`, the beginning of an address such as `10.*`, each with a port behind it if only
   * that is meant.
   */
  constructor(text: string) {
    this.#rules = text.split(/[\s,;]+/).filter((part) => part !== "").map(readRule);
  }

  /** Whether a host, a name or an address without brackets, is reached directly. */
  has(host: string, port: number): boolean {
    const name = host.toLowerCase().replace(/\.$/, "");
    return this.#rules.some((rule) =>
      (rule.port === undefined || rule.port === port) && rule.fits(name)
    );
  }
}

interface Rule {
  readonly port?: number;
  fits(host: string): boolean;
}

function readRule(text: string): Rule {
  const [, bare = text, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(text) ?? [];
  const pattern = bare.replace(/^\[|\]$/g, "").toLowerCase();
  return { ...(port === undefined ? {} : { port: Number(port) }), fits: fitting(pattern) };
}

function fitting(pattern: string): (host: string) => boolean {
  if (pattern === "*") return () => true;
  if (isIP(pattern) > 0) return (host) => isSameAddress(host, pattern);
  const network = networkOf(pattern);
  if (network !== undefined) return (host) => isIP(host) > 0 && network.check(host, family(host));
  if (/^[\d.]+\.\*$/.test(pattern)) return (host) => host.startsWith(pattern.slice(0, -1));
  const name = pattern.replace(/^\*?\.+/, "");
  return (host) => host === name || host.endsWith(`.${name}`);
}

function isSameAddress(host: string, address: string): boolean {
  if (isIP(host) !== isIP(address)) return false;
  const list = new BlockList();
  list.addAddress(address, family(address));
  return list.check(host, family(host));
}

function networkOf(text: string): BlockList | undefined {
  const [address = "", bits = "", ...rest] = text.split("/");
  const most = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family(address));
  return list;
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
