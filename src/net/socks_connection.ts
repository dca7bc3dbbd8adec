import { lookup } from "node:dns/promises";
import { isIP, type Socket } from "node:net";
import { SocksClient } from "socks";
import { systemCode } from "../errors.ts";
import { NetworkError } from "./network_error.ts";
import type { Proxy } from "./proxy.ts";

/** ms until a SOCKS proxy must have opened a connection. */
const patience = 30_000;

/**
 * A connection to a host through a SOCKS proxy.
 * @throws {NetworkError} when the proxy cannot be reached, or does not let it through.
 */
export async function connectBySocks(proxy: Proxy, host: string, port: number): Promise<Socket> {
  const { kind, user, password } = proxy;
  const isOld = kind === "socks4" || kind === "socks4a";
  const givesAddress = kind === "socks5" || kind === "socks4";
  try {
    const { socket } = await SocksClient.createConnection({
      command: "connect",
      timeout: patience,
      proxy: {
        host: proxy.host,
        port: proxy.port,
        type: isOld ? 4 : 5,
        ...(user === "" ? {} : { userId: user }),
        ...(password === "" ? {} : { password }),
      },
      destination: { host: givesAddress ? await addressOf(host) : host, port },
    });
    return socket;
  } catch (error) {
    throw explain(proxy, `${host}:${port}`, error);
  }
}

/** An address for a name where this machine knows one; else the proxy has to find it. */
async function addressOf(host: string): Promise<string> {
  if (isIP(host) > 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return host;
  }
}

function explain({ name }: Proxy, place: string, error: unknown): NetworkError {
  const reason = error instanceof Error ? error.message : String(error);
  // The package says why the proxy itself was not reached in its message only.
  const [code = ""] = /\bE[A-Z]{4,}\b|timed out/.exec(reason) ?? [];
  return code === ""
    ? new NetworkError(
      `The proxy ${name} does not connect to ${place}: ${reason}`,
      false,
      "Check the host, and the name and password that the proxy wants.",
    )
    : new NetworkError(
      `The proxy ${name} cannot be reached (${code})`,
      false,
      "Check that it runs, such as ssh -D, and that its address and port are right.",
    );
}
