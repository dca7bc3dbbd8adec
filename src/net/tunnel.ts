import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { NetworkError } from "./network_error.ts";
import type { Proxy } from "./proxy.ts";
import { connectBySocks } from "./socks_connection.ts";

/** ms until a connection must stand. */
const patience = 15_000;
/** Bytes that the answer of a proxy may have. */
const longest = 16 * 1024;

/**
 * A connection to a host, through a proxy if one is given; for looking at the way, not for requests.
 * @throws {NetworkError} when the proxy does not let it through.
 * @throws as node:net does, when nothing listens.
 */
export async function openTunnel(
  host: string,
  port: number,
  proxy: Proxy | undefined,
): Promise<Socket> {
  if (proxy === undefined) return await opened(connect({ host, port }));
  if (proxy.isSocks) return await connectBySocks(proxy, host, port);
  const near = proxy.kind === "https"
    ? await opened(connectSecurely({ host: proxy.host, port: proxy.port, servername: proxy.host }))
    : await opened(connect({ host: proxy.host, port: proxy.port }));
  await askThrough(near, proxy, `${host.includes(":") ? `[${host}]` : host}:${port}`);
  return near;
}

/** Waits until a connection stands. */
function opened(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error("nothing answers"), { code: "ETIMEDOUT" }));
    }, patience);
    const isSecure = "encrypted" in socket;
    socket.once(isSecure ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

async function askThrough(socket: Socket, proxy: Proxy, place: string): Promise<void> {
  const login = Buffer.from(`${proxy.user}:${proxy.password}`).toString("base64");
  const who = proxy.user === "" ? "" : `Proxy-Authorization: Basic ${login}\r\n`;
  socket.write(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${who}\r\n`);
  const answer = await headOf(socket);
  const [, status = ""] = /^HTTP\/1\.\d (\d{3})/.exec(answer) ?? [];
  if (status.startsWith("2")) return;
  socket.destroy();
  throw new NetworkError(
    `The proxy ${proxy.name} does not connect to ${place}: ${answer.split("\r\n")[0] ?? ""}`,
    false,
    status === "407"
      ? "Write the name and password that the proxy wants into its address: http://USER:PASSWORD@…"
      : "Ask whoever runs the proxy to let this host through, or name another with --proxy.",
  );
}

function headOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const settle = (): void => {
      clearTimeout(timer);
      socket.off("data", take).off("close", settle);
      resolve(text);
    };
    const take = (bytes: Uint8Array): void => {
      text += Buffer.from(bytes).toString("latin1");
      if (text.includes("\r\n\r\n") || text.length > longest) settle();
    };
    const timer = setTimeout(settle, patience);
    socket.on("data", take).on("close", settle);
  });
}
