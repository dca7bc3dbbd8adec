import { lookup } from "node:dns/promises";
import { isIP, type Socket } from "node:net";
import { systemCode } from "../errors.ts";
import { examineCertificate } from "./examine_certificate.ts";
import type { Finding } from "./finding.ts";
import { NetworkError } from "./network_error.ts";
import type { Proxy } from "./proxy.ts";
import type { Routes } from "./routes.ts";
import { openTunnel } from "./tunnel.ts";

/**
 * Looks at the way to a host step by step, from its name to its certificate, and tells what it found.
 * Ends at the first step that fails, because the next ones cannot be better.
 */
export async function* examineWay(address: string, routes: Routes): AsyncGenerator<Finding> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isSecure = url.protocol === "https:";
  const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  const proxy = routes.proxyTo(address);
  yield {
    about: "proxy",
    isGood: true,
    text: proxy === undefined ? "none" : proxy.name,
  };
  const name = await examineName(proxy?.host ?? host, proxy);
  yield name;
  if (!name.isGood) return;
  const { finding, socket } = await examineConnection(host, port, proxy);
  yield finding;
  if (socket === undefined) return;
  if (isSecure) yield await examineCertificate(socket, host);
  else {
    socket.destroy();
    yield { about: "encryption", isGood: true, text: "none: the address begins with http://" };
  }
}

async function examineName(host: string, proxy: Proxy | undefined): Promise<Finding> {
  const about = "name";
  if (isIP(host) > 0) return { about, isGood: true, text: `${host} is an address` };
  try {
    const found = await lookup(host, { all: true });
    return {
      about,
      isGood: true,
      text: `${host} is ${found.map((each) => each.address).join(", ")}`,
    };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return {
      about,
      isGood: false,
      text: `${host} is not known (${code})`,
      hint: proxy === undefined
        ? "Check the spelling, and whether this machine can resolve names; a proxy can do it too " +
          "(--proxy socks5h://HOST:PORT)."
        : "Check the spelling of the proxy.",
    };
  }
}

async function examineConnection(
  host: string,
  port: number,
  proxy: Proxy | undefined,
): Promise<{ readonly finding: Finding; readonly socket?: Socket }> {
  const about = "connection";
  const began = performance.now();
  try {
    const socket = await openTunnel(host, port, proxy);
    const ms = Math.round(performance.now() - began);
    return { socket, finding: { about, isGood: true, text: `port ${port} answers in ${ms} ms` } };
  } catch (error) {
    if (error instanceof NetworkError) {
      const { message, hint = "" } = error;
      return { finding: { about, isGood: false, text: message, hint } };
    }
    const code = systemCode(error);
    if (code === undefined) throw error;
    return { finding: { about, isGood: false, text: `port ${port}: ${code}`, hint: hintOf(code) } };
  }
}

function hintOf(code: string): string {
  if (code === "ECONNREFUSED") return "Nothing listens there: check the address and the port.";
  return "A firewall may be in the way: compute nodes often reach others only through a proxy " +
    "(--proxy), or not at all; then sync from a login node.";
}
