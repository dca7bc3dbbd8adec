import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A line to a host that is far away. For benches: it keeps real time. */
export interface DelayOptions {
  /** Where the host listens: `http://127.0.0.1:PORT`. */
  readonly target: string;
  /** ms that each byte is on its way, there and back alike; a round trip takes twice that. */
  readonly delay: number;
  /** Bytes a second that fit through, in each direction; no limit where absent. */
  readonly bandwidth?: number;
}

/** Such a line, open. */
export interface DelayProxy extends AsyncDisposable {
  readonly url: string;
  /** Connections made. */
  readonly connections: number;
  /** Bytes that clients sent, heads included. */
  readonly sent: number;
  /** Bytes that clients got. */
  readonly received: number;
}

const pieceBytes = 16 * 1024;
/** What may be on its way at once, so that memory stays bounded and the sender feels the limit. */
const windowBytes = 4 * 1024 * 1024;

/** One direction of the line, shared by all connections. */
class Direction {
  bytes = 0;
  readonly #delay: number;
  readonly #bandwidth: number;
  #freeAt = 0;

  constructor(delay: number, bandwidth: number) {
    this.#delay = delay;
    this.#bandwidth = bandwidth;
  }

  /** Carries everything from one socket to another, its end too. */
  carry(from: Socket, to: Socket): void {
    const queue: (Uint8Array | "end")[] = [];
    let underWay = 0;
    // Timers may fire out of order; what is on its way does not overtake.
    const arrive = (): void => {
      const piece = queue.shift();
      if (piece === undefined || piece === "end") {
        to.end();
        return;
      }
      to.write(piece);
      underWay -= piece.length;
      if (underWay < windowBytes) from.resume();
    };
    const put = (piece: Uint8Array | "end"): void => {
      queue.push(piece);
      setTimeout(arrive, this.#arrival(piece === "end" ? 0 : piece.length));
    };
    from.on("data", (chunk: Uint8Array) => {
      underWay += chunk.length;
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        put(chunk.subarray(at, at + pieceBytes));
      }
      if (underWay >= windowBytes) from.pause();
    });
    from.on("end", () => put("end"));
    from.on("error", () => to.destroy());
  }

  /** ms until so many more bytes have come through. */
  #arrival(bytes: number): number {
    const now = performance.now();
    this.bytes += bytes;
    this.#freeAt = Math.max(now, this.#freeAt) + bytes / this.#bandwidth * 1000;
    return this.#freeAt + this.#delay - now;
  }
}

/** Opens such a line on a free port of 127.0.0.1. */
export async function openDelayProxy(
  { target, delay, bandwidth = Infinity }: DelayOptions,
): Promise<DelayProxy> {
  const { hostname, port } = new URL(target);
  const [there, back] = [new Direction(delay, bandwidth), new Direction(delay, bandwidth)];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    connections++;
    const host = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    for (const socket of [client, host]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    there.carry(client, host);
    back.carry(host, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port to listen on");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections(): number {
      return connections;
    },
    get sent(): number {
      return there.bytes;
    },
    get received(): number {
      return back.bytes;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
