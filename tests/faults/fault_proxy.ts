import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { cannedAnswer, type CannedFault, isCanned } from "./canned_answer.ts";
import { type HttpMessage, MessageReader } from "./http_message.ts";

/** What can go wrong with one request. */
export type Fault =
  /** Cut off before the host saw it; no connection is accepted then until `restore`. */
  | "refuse"
  /** Cut off before the host saw it. */
  | "reset before"
  /** The host did it, the answer is lost. */
  | "reset after"
  /** The host never sees it, and no answer comes until the proxy is closed. */
  | "hang"
  /** The host did it and answered, yet 500 arrives. */
  | "500 after"
  /** The host did it; half of the answer arrives. */
  | "truncated"
  /** The host did it; its answer arrives byte by byte. */
  | "drip"
  /** The host never sees it, and this is the answer. */
  | CannedFault;

/** All of them. */
export const faults: readonly Fault[] = [
  "refuse",
  "reset before",
  "reset after",
  "hang",
  "401",
  "403",
  "413",
  "429",
  "500",
  "500 after",
  "503",
  "html",
  "redirect",
  "truncated",
  "drip",
];

/** A request that came by. */
export interface ProxiedRequest {
  /** Its place in order of arrival, from 0. */
  readonly index: number;
  readonly method: string;
  /** Target as it was sent, byte for byte. */
  readonly path: string;
  /** Length of its body. */
  readonly bytes: number;
  /** What the client was told; undefined while, or if, it was told nothing. */
  readonly status: number | undefined;
  readonly fault: Fault | undefined;
}

/** What to break, and when. */
export interface FaultOptions {
  /** Where the host listens: `http://127.0.0.1:PORT`. */
  readonly target: string;
  readonly fault?: Fault;
  /** Which request: its index, or any that this says yes to. */
  readonly at?: number | ((request: ProxiedRequest) => boolean);
  /** How many requests in all, 1 unless said otherwise. */
  readonly times?: number;
  /** Called when the whole answer to a request is on its way. */
  readonly answered?: (request: ProxiedRequest) => void;
  /** Hears of every request that the host has answered, whatever the client is told. */
  readonly passed?: (request: HttpMessage, answer: HttpMessage) => void;
}

/** A proxy that breaks chosen requests and passes on all others byte for byte. */
export interface FaultProxy extends AsyncDisposable {
  /** Where clients go instead of `target`. */
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  /** Accepts connections again after "refuse". */
  restore(): Promise<void>;
  /** Cuts off every connection, hanging ones too. */
  close(): Promise<void>;
}

const drippedBytes = 200;

class TcpFaultProxy implements FaultProxy {
  readonly requests: { -readonly [Name in keyof ProxiedRequest]: ProxiedRequest[Name] }[] = [];
  readonly #options: FaultOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #left: number;

  constructor(options: FaultOptions) {
    this.#options = options;
    this.#left = options.fault === undefined ? 0 : options.times ?? 1;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async restore(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((client) => void this.#serve(client));
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port to listen on");
    this.#port = address.port;
    this.#server = server;
  }

  async close(): Promise<void> {
    const stopped = this.#stopListening();
    for (const socket of this.#sockets) socket.destroy();
    await stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // Whoever reads or writes the socket meets the error there.
    socket.on("error", () => undefined);
    return socket;
  }

  async #serve(client: Socket): Promise<void> {
    this.#keep(client);
    try {
      const reader = new MessageReader(client);
      for (let request = await reader.next("request"); request !== undefined;) {
        if (!await this.#handle(request, client)) return;
        request = await reader.next("request");
      }
    } catch {
      return;
    } finally {
      client.resetAndDestroy();
    }
  }

  /** Whether the connection may go on. */
  async #handle(request: HttpMessage, client: Socket): Promise<boolean> {
    const [method = "", path = ""] = request.startLine.split(" ");
    const bytes = request.wire.length - request.headBytes;
    const index = this.requests.length;
    const entry = { index, method, path, bytes, status: undefined, fault: undefined };
    this.requests.push(entry);
    const record = this.requests[index] ?? entry;
    record.fault = this.#faultOf(entry);
    if (record.fault === "hang") return await new Promise(() => undefined);
    if (record.fault === "reset before" || record.fault === "refuse") {
      if (record.fault === "refuse") void this.#stopListening();
      return false;
    }
    const answer = await this.#answer(request, method, record.fault);
    if (answer === undefined || record.fault === "reset after") return false;
    record.status = Number(answer.toString("latin1", 9, 12));
    await send(client, answer, record.fault === "drip" ? drippedBytes : 0);
    this.#options.answered?.(record);
    return record.fault !== "truncated";
  }

  #faultOf(request: ProxiedRequest): Fault | undefined {
    const { at, fault } = this.#options;
    if (this.#left === 0) return undefined;
    if (!(typeof at === "function" ? at(request) : at === request.index)) return undefined;
    this.#left--;
    return fault;
  }

  async #answer(
    request: HttpMessage,
    method: string,
    fault: Fault | undefined,
  ): Promise<Buffer | undefined> {
    if (fault !== undefined && isCanned(fault)) return Buffer.from(cannedAnswer(fault));
    const answer = await this.#forward(request, method);
    if (answer === undefined) return undefined;
    this.#options.passed?.(request, answer);
    if (fault === "500 after") return Buffer.from(cannedAnswer("500"));
    const { wire, headBytes } = answer;
    if (fault !== "truncated") return Buffer.from(wire);
    const from = wire.length === headBytes ? 0 : headBytes;
    return Buffer.from(wire.subarray(0, Math.floor((from + wire.length) / 2)));
  }

  async #forward(request: HttpMessage, method: string): Promise<HttpMessage | undefined> {
    const { hostname, port } = new URL(this.#options.target);
    const host = this.#keep(connect(Number(port), hostname));
    try {
      host.write(request.wire);
      return await new MessageReader(host).next(
        method === "HEAD" ? "answer without body" : "answer",
      );
    } finally {
      host.destroy();
    }
  }
}

/** Writes bytes, the first so many of them one by one. */
async function send(socket: Socket, bytes: Uint8Array, slowly: number): Promise<void> {
  socket.setNoDelay(true);
  for (let at = 0; at < Math.min(slowly, bytes.length); at++) {
    socket.write(bytes.subarray(at, at + 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => socket.write(bytes.subarray(slowly), resolve));
}

/** Starts a proxy on a free port of 127.0.0.1; without `fault` it only records. */
export async function openFaultProxy(options: FaultOptions): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(options);
  await proxy.restore();
  return proxy;
}
