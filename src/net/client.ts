import { DestinationError } from "../errors.ts";
import { Attempt } from "./attempt.ts";
import { CountedBody } from "./counted_body.ts";
import { type HttpResponse, ReceivedResponse } from "./response.ts";

/** What requests need of the outside world; a `Context` of the adapters fits. */
export interface NetContext {
  /** Aborted when the user cancels. */
  readonly signal: AbortSignal;
  /** ms since epoch. */
  now(): number;
  /**
   * Resolves after so many ms.
   * @throws {CancelledError} as soon as `signal` is aborted.
   */
  wait(ms: number): Promise<void>;
}

/** A question to a server. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /**
   * Percent escapes are sent as they are, which presigned URLs depend on. Only what the URL standard
   * never sends is rewritten (segments `.` and `..`, spaces, a `'` in the query), and Bun 1.4.5 makes
   * one slash of several at the start of a path.
   */
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** A text without a content-type header is sent as text/plain, bytes are sent without a type. */
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>;
  /** Bytes of a stream, sent as Content-Length; without it a stream is sent in chunks. */
  readonly length?: number;
  /**
   * ms until the answer begins, and the longest silence while its body is read; 60 s unless said
   * otherwise. A stream that is sent gets more time as long as it moves, any other body 1 s for every
   * 64 KiB. An answer that only drips, under 1 kB/s, is given up too.
   */
  readonly timeout?: number;
}

const defaultTimeout = 60_000;
/** The slowest upload that is waited for, in bytes per ms. */
const slowest = 64 * 1024 / 1000;

/** Asks servers, one attempt per question; what to do after a failure is for the caller. */
export class HttpClient {
  readonly #context: NetContext;
  readonly #userAgent: string;

  /** `userAgent` is what servers are told about who asks: "runferry/1.0.0". */
  constructor(context: NetContext, { userAgent }: { readonly userAgent: string }) {
    this.#context = context;
    this.#userAgent = userAgent;
  }

  /**
   * Sends a request and resolves when the head of the answer is there, whatever its status is. A
   * redirect is an answer like any other: a key or a body never follows it to another host.
   * @throws {NetworkError} when no answer comes.
   * @throws {CancelledError} when the user cancels.
   * @throws {ToolError} what a stream that is the body throws, or when its length is not as said.
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { method, url, body, timeout = defaultTimeout } = request;
    const attempt = new Attempt(method, url, this.#context.signal);
    if (!URL.canParse(url)) {
      throw new DestinationError(`${attempt.name} cannot be sent: this is no address`, {
        hint: "Check the address of the host; if it is right, the server answers nonsense.",
      });
    }
    const counted = body instanceof ReadableStream
      ? new CountedBody(body, request.length, attempt)
      : undefined;
    const options = { ...this.#options(request, counted), signal: attempt.signal };
    const silence = timeout + sendingTime(body);
    try {
      const response = await attempt.during(silence, () => fetch(url, options));
      return new ReceivedResponse(response, attempt, timeout);
    } catch (error) {
      await counted?.release();
      throw error;
    }
  }

  #options(
    { method, headers, body, length }: HttpRequest,
    counted: CountedBody | undefined,
  ): RequestInit & { readonly duplex?: "half" } {
    const common = { method, redirect: "manual" } as const;
    const all = { "user-agent": this.#userAgent, ...headers };
    if (counted !== undefined) {
      const sized = length === undefined ? all : { ...all, "content-length": String(length) };
      return { ...common, headers: sized, body: counted.stream, duplex: "half" };
    }
    if (body === undefined) return { ...common, headers: all };
    // The type of a body wants to know that no other thread can change the bytes; none does.
    return { ...common, headers: all, body: body as string | Uint8Array<ArrayBuffer> };
  }
}

function sendingTime(body: HttpRequest["body"]): number {
  if (body === undefined || body instanceof ReadableStream) return 0;
  return Math.ceil(body.length / slowest);
}
