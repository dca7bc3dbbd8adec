import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as ask,
  type ServerResponse,
} from "node:http";
import { listen } from "../../unit/net/raw_server.ts";

/** A request that came by, and what it was answered with. */
export interface Passed {
  readonly method: string;
  /** Target as it was sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly status: number;
}

/** A request of which the answer is not known yet. */
export type Asked = Omit<Passed, "status">;

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Buffer;
}

/** Answers instead of the host, or changes what the host said; undefined leaves it as it is. */
export interface Meddler {
  before?(asked: Asked): Answer | undefined;
  after?(asked: Asked, answer: Answer): Answer | undefined;
}

/** A proxy before a host that remembers every request, and can be told to meddle. */
export interface RecordingProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** All requests so far; may be emptied. */
  readonly passed: Passed[];
  meddler: Meddler;
}

/** Opens such a proxy; without a target every request needs a meddler that answers. */
export async function openRecordingProxy(target?: string): Promise<RecordingProxy> {
  const passed: Passed[] = [];
  const state: { meddler: Meddler } = { meddler: {} };
  const server = createServer((incoming, outgoing) => {
    // A client that gives up, and a host that is away, get no answer. To destroy the answer would
    // send an empty 200 under Bun 1.4.5.
    serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = incoming;
    const asked = { method, path, headers, body: await bodyOf(incoming) };
    const answer = await answerTo(asked);
    passed.push({ ...asked, status: answer.status });
    outgoing.writeHead(answer.status, answer.reason ?? "", answer.headers ?? {});
    outgoing.end(answer.body ?? "");
  }
  async function answerTo(asked: Asked): Promise<Answer> {
    const { before, after } = state.meddler;
    const given = before?.(asked);
    if (given !== undefined) return given;
    if (target === undefined) return { status: 404, body: "{}" };
    const answer = await forward(target, asked);
    return after?.(asked, answer) ?? answer;
  }
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    get meddler(): Meddler {
      return state.meddler;
    },
    set meddler(meddler: Meddler) {
      state.meddler = meddler;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Passes a request on as it came: signed addresses hold for the host that it names. */
function forward(target: string, { method, path, headers, body }: Asked): Promise<Answer> {
  const { hostname, port } = new URL(target);
  return new Promise((resolve, reject) => {
    const asking = ask({ hostname, port, method, path, headers, agent: false }, (incoming) => {
      bodyOf(incoming).then((answer) => {
        const { statusCode = 0, statusMessage = "", headers } = incoming;
        const { "transfer-encoding": _, connection: __, ...kept } = headers;
        const single = Object.entries(kept).map(([name, value]) => [name, String(value)] as const);
        resolve({
          status: statusCode,
          reason: statusMessage,
          headers: { ...Object.fromEntries(single), "content-length": String(answer.length) },
          body: answer,
        });
      }, reject);
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
