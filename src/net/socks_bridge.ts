import { Buffer } from "node:buffer";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { NetworkError } from "./network_error.ts";
import type { Proxy } from "./proxy.ts";
import { type ProxyHead, readHead } from "./proxy_head.ts";
import { connectBySocks } from "./socks_connection.ts";

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
    const { host, port } = head.asked;
    try {
      join(socket, await connectBySocks(this.#proxy, host, port), head);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.#failures.set(`${host}:${port}`, error);
      socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }
  }

  /** Others on this machine do not know the password, so that the proxy stays ours. */
  #mayPass({ password }: ProxyHead): boolean {
    const [given, wanted] = [Buffer.from(password), Buffer.from(this.#password)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
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
