import { Buffer } from "node:buffer";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { lookup } from "node:dns/promises";
import { createServer, isIP, type Server, type Socket } from "node:net";
import { SocksClient } from "socks";
import { systemCode } from "../errors.ts";
import { NetworkError } from "./network_error.ts";
import type { Proxy } from "./proxy.ts";
import { type Asked, type ProxyHead, readHead } from "./proxy_head.ts";

/** ms until a SOCKS proxy must have opened a connection. */
const patience = 30_000;

/**
 * An HTTP proxy on this machine for this process alone, which passes everything on to a SOCKS proxy:
 * `fetch` speaks to the one, and not to the other. Bytes are taken no faster than they can be
 * passed on.
 */
export class SocksBridge {
  readonly #proxy: Proxy;
  readonly #password = randomBytes(24).toString("hex");
  readonly #failures = new Map<string, NetworkError>();
  #url: Promise<string> | undefined;

  constructor(proxy: Proxy) {
    this.#proxy = proxy;
  }

  /** What `fetch` takes as its proxy; starts to listen when it is first asked for. */
  url(): Promise<string> {
    this.#url ??= this.#listen();
    return this.#url;
  }

  /** Why the last connection to a host failed, told once; undefined if it did not. */
  takeFailure(address: string): NetworkError | undefined {
    const place = placeOf(new URL(address));
    const failure = this.#failures.get(place);
    this.#failures.delete(place);
    return failure;
  }

  async #listen(): Promise<string> {
    const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      socket.on("error", () => socket.destroy());
      // A connection that waits for the next request must not keep the program from ending.
      socket.unref();
      void this.#serve(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    server.unref();
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return `http://runferry:${this.#password}@127.0.0.1:${port}`;
  }

  /** Serves one connection of `fetch`. */
  async #serve(socket: Socket): Promise<void> {
    const head = await readHead(socket);
    if (head === undefined || !this.#mayPass(head)) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    try {
      const far = await this.#connect(head.asked);
      join(socket, far, head);
    } catch (error) {
      this.#failures.set(`${head.asked.host}:${head.asked.port}`, this.#explain(head.asked, error));
      socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }
  }

  /** Others on this machine do not know the password, so that the proxy stays ours. */
  #mayPass({ password }: ProxyHead): boolean {
    const [given, wanted] = [Buffer.from(password), Buffer.from(this.#password)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  async #connect({ host, port }: Asked): Promise<Socket> {
    const { kind, host: proxyHost, port: proxyPort, user, password } = this.#proxy;
    const isOld = kind === "socks4" || kind === "socks4a";
    const givesAddress = kind === "socks5" || kind === "socks4";
    const { socket } = await SocksClient.createConnection({
      command: "connect",
      timeout: patience,
      proxy: {
        host: proxyHost,
        port: proxyPort,
        type: isOld ? 4 : 5,
        ...(user === "" ? {} : { userId: user }),
        ...(password === "" ? {} : { password }),
      },
      destination: { host: givesAddress ? await addressOf(host) : host, port },
    });
    return socket;
  }

  #explain({ host, port }: Asked, error: unknown): NetworkError {
    const { name } = this.#proxy;
    const reason = error instanceof Error ? error.message : String(error);
    // The package says why the proxy itself was not reached in its message only.
    const [code = ""] = /\bE[A-Z]{4,}\b|timed out/.exec(reason) ?? [];
    const isProxy = code !== "";
    return new NetworkError(
      isProxy
        ? `The proxy ${name} cannot be reached (${code})`
        : `The proxy ${name} does not connect to ${host}:${port}: ${reason}`,
      false,
      isProxy
        ? "Check that it runs, such as ssh -D, and that its address and port are right."
        : "Check the host, and the name and password that the proxy wants.",
    );
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

/** Passes bytes on in both directions until both have ended. */
function join(near: Socket, far: Socket, { asked, forwarded, rest }: ProxyHead): void {
  far.unref();
  const end = (): void => {
    near.destroy();
    far.destroy();
  };
  near.on("close", end).on("error", end);
  far.on("close", end).on("error", end);
  if (asked.isTunnel) near.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  else far.write(forwarded);
  if (rest.length > 0) far.write(rest);
  near.pipe(far);
  far.pipe(near);
}

function placeOf({ hostname, port, protocol }: URL): string {
  const host = hostname.replace(/^\[|\]$/g, "");
  return `${host}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`;
}
