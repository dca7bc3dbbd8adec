import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Ledger } from "./ledger.ts";

/** A request as it came by. */
export interface Asked {
  readonly method: string;
  /** Target as it was sent. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
}

/** What the host answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** What is to be changed on the way. */
export interface Edits {
  /**
   * The body that the host gets; undefined when it gets no request, and the client is told that all
   * is well.
   */
  request?(asked: Asked): Buffer | undefined | Promise<Buffer | undefined>;
  /** The body that the client gets, or another status without one. */
  answer?(asked: Asked, answered: Answered): Buffer | number;
}

/** A host that says or does something else than the one behind it. */
export interface EditedHost extends AsyncDisposable {
  readonly url: string;
  /** Asks the host behind it. */
  forward(asked: Asked): Promise<Answered>;
  /** Resolves once nothing is under way any more, also nothing that nobody waits for. */
  settled(): Promise<void>;
}

/** Turns of the event loop without a request after which none is on its way. */
const quietTurns = 20;

/** Opens such a host before the one at `target`, `http://127.0.0.1:PORT`. */
export async function openEditedHost(
  target: string,
  edits: Edits,
  ledger: Ledger,
): Promise<EditedHost> {
  const forward = async (asked: Asked): Promise<Answered> => {
    const answered = await ask(target, asked);
    ledger.note(asked, answered);
    return answered;
  };
  let pending = 0;
  const server = createServer((request, response) => {
    pending++;
    void serve(request, response, edits, forward).catch(() => response.destroy())
      .finally(() => pending--);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port to listen on");
  return {
    url: `http://127.0.0.1:${address.port}`,
    forward,
    async settled(): Promise<void> {
      for (let quiet = 0; quiet < quietTurns; quiet = pending === 0 ? quiet + 1 : 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  edits: Edits,
  forward: EditedHost["forward"],
): Promise<void> {
  const asked = await read(request);
  const body = edits.request === undefined ? asked.body : await edits.request(asked);
  if (body === undefined) {
    response.writeHead(202).end();
    return;
  }
  const answered = await forward({ ...asked, body });
  const told = edits.answer?.(asked, answered) ?? answered.body;
  if (typeof told === "number") {
    response.writeHead(told).end();
    return;
  }
  const headers = new Headers(answered.headers);
  headers.set("content-length", String(told.length));
  response.writeHead(answered.status, Object.fromEntries(headers)).end(told);
}

async function read(request: IncomingMessage): Promise<Asked> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  const { method = "", url = "" } = request;
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return { method, path: url, headers: Object.fromEntries(headers), body: Buffer.concat(pieces) };
}

/** What belongs to one connection, or is made anew. */
const own: readonly string[] = ["connection", "content-length", "transfer-encoding", "keep-alive"];

async function ask(target: string, { method, path, headers, body }: Asked): Promise<Answered> {
  const sent = Object.entries(headers).filter(([name]) => !own.includes(name));
  const response = await fetch(target + path, {
    method,
    headers: Object.fromEntries(sent),
    redirect: "manual",
    ...(method === "GET" || method === "HEAD" ? {} : { body: new Uint8Array(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const kept = [...response.headers].filter(([name]) => !own.includes(name));
  return { status: response.status, headers: new Headers(kept), body: bytes };
}
