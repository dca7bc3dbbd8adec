import { createServer, type Server, type Socket } from "node:net";

/** A server on 127.0.0.1 that is only a socket, so that it can answer anything, or nothing. */
export interface RawServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Everything that was received, connection by connection. */
  readonly received: readonly string[];
}

/** Starts a server that calls `answer` once per connection, when the first bytes have come. */
export async function rawServer(
  answer: (socket: Socket, text: string) => void,
): Promise<RawServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const index = received.push("") - 1;
    sockets.add(socket);
    // A client that gives up resets the connection, which is what some tests want.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => {
      const isFirst = received[index] === "";
      received[index] += bytes.toString("latin1");
      if (isFirst) answer(socket, bytes.toString("latin1"));
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Lets a server listen on a free port of 127.0.0.1 and resolves to the port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await rawServer(() => {});
  await server[Symbol.asyncDispose]();
  return server.port;
}
