import type { Host } from "../../../src/config/host.ts";
import type { Secret } from "../../../src/config/secret.ts";
import { isObject } from "../../../src/model/json.ts";
import {
  type LosslessValue,
  MalformedJson,
  parseLosslessJson,
} from "../../../src/codec/lossless_json.ts";
import type { HttpClient, HttpRequest, NetContext } from "../../../src/net/client.ts";
import type { HttpResponse } from "../../../src/net/response.ts";
import type { ToolError } from "../../../src/errors.ts";
import { BusyServer } from "../../../src/net/busy_server.ts";
import { NetworkError } from "../../../src/net/network_error.ts";
import { Retry } from "../../../src/net/retry.ts";
import { UnexpectedResponse } from "../../../src/net/unexpected_response.ts";
import { type Login, logIn } from "./login.ts";
import { isPassing, type Refusal, refusalError } from "./refusal.ts";

/** A question to the API. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the base of the API, beginning with "/". */
  readonly path: string;
  /** JSON. */
  readonly body?: string | Uint8Array;
  /** What is wanted, for messages: "create the project x". */
  readonly what: string;
  /** Statuses that are answers too, besides 2xx. */
  readonly accept?: readonly number[];
  /** Better advice for single statuses. */
  readonly hints?: { readonly [status: number]: string };
}

/** What the API answered. */
export interface Reply extends Refusal {
  /** The body; undefined when there is none. */
  readonly value: LosslessValue | undefined;
}

/** What became of a request that must not be sent twice. */
export type Submission =
  | { readonly outcome: "accepted" }
  /** The host does not take so much at once. */
  | { readonly outcome: "large"; readonly error: Error }
  /** It may or may not have been processed. */
  | { readonly outcome: "unclear"; readonly error: ToolError };

/** A session is renewed so many ms before it ends. */
const renewal = 5 * 60 * 1000;
/** Bytes of an answer that are read; reading back a large run is answered by links to files. */
const mostReply = 64 << 20;
/** Web pages instead of answers, one after the other, until they are believed. */
const mostPages = 4;

/** A logged-in connection to one host. The key is sent to that host's login and nowhere else. */
export class Session {
  readonly host: Host;
  readonly client: HttpClient;
  readonly context: NetContext;
  readonly #key: Secret;
  #login: Promise<Login> | undefined;

  constructor(host: Host, key: Secret, client: HttpClient, context: NetContext) {
    this.host = host;
    this.#key = key;
    this.client = client;
    this.context = context;
  }

  /**
   * The login in force; renewed before it ends.
   * @throws {AuthError} when the key is not taken.
   */
  async login(): Promise<Login> {
    const login = await (this.#login ??= this.#logIn());
    if (login.expiresAt - this.context.now() > renewal) return login;
    return await this.#relogin(login);
  }

  /**
   * Asks until there is an answer: failures that may pass are waited out, and a session that ended
   * is renewed once. Only for requests that do no harm when they arrive twice.
   * @throws {ToolError} by what the host refused, or when time is up.
   */
  async call(call: Call): Promise<Reply> {
    const retry = new Retry(this.context);
    let renewed = false;
    for (let pages = 0;;) {
      const login = await this.login();
      try {
        const response = await this.#send(call, login);
        const reply = await this.#read(call, response);
        if (isAnswer(call, reply)) return reply;
        if (needsLogin(reply.status) && !renewed) {
          renewed = true;
          await this.#relogin(login);
        } else if (!await retry.again(response)) {
          throw refusalError(call.what, this.host.name, reply, call.hints);
        }
      } catch (error) {
        if (error instanceof UnexpectedResponse && ++pages >= mostPages) throw error;
        if (!isTransport(error) || !await retry.again(error)) throw error;
      }
    }
  }

  /**
   * Sends something that must not be stored twice. What provably was not processed is sent again
   * here; an unclear outcome is the caller's, who can look.
   * @throws {ToolError} by what the host refused.
   */
  async submit(call: Call, retry: Retry): Promise<Submission> {
    for (let renewed = false;;) {
      const login = await this.login();
      try {
        const response = await this.#send(call, login);
        const reply = await this.#read(call, response);
        if (isAnswer(call, reply)) return { outcome: "accepted" };
        const error = refusalError(call.what, this.host.name, reply, call.hints);
        if (reply.status === 413) return { outcome: "large", error };
        if (needsLogin(reply.status) && !renewed) {
          renewed = true;
          await this.#relogin(login);
        } else if (reply.status !== 429) {
          if (!isPassing(reply.status)) throw error;
          return { outcome: "unclear", error: new BusyServer(error.message, response) };
        } else if (!await retry.again(response)) throw error;
      } catch (error) {
        if (!isTransport(error)) throw error;
        if (!(error instanceof NetworkError) || error.reached) {
          return { outcome: "unclear", error };
        }
        if (!await retry.again(error)) throw error;
      }
    }
  }

  /** An address that the host gave: some give only its path (swanlab-api §8.3). */
  absolute(url: string): string {
    return url.startsWith("/") ? this.host.origin + url : url;
  }

  async #send({ method, path, body }: Call, login: Login): Promise<HttpResponse> {
    const headers = {
      cookie: `sid=${login.sid.reveal()}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const request: HttpRequest = { method, url: `${this.host.apiBase}${path}`, headers };
    return await this.client.send(body === undefined ? request : { ...request, body });
  }

  /**
   * Reads an answer. A success without a body is one; a redirect or a web page is not the API.
   * @throws {UnexpectedResponse} for those.
   */
  async #read({ what }: Call, response: HttpResponse): Promise<Reply> {
    const { status, reason, headers, trace } = response;
    const text = await response.text(mostReply);
    const page = /^\s*</.test(text) || headers.get("content-type")?.includes("text/html");
    if (status >= 300 && status < 400 || status < 300 && page) {
      const came = page ? "a web page" : `a redirect to ${headers.get("location") ?? "nowhere"}`;
      throw new UnexpectedResponse(
        `Cannot ${what} at ${this.host.name}: ${came} came instead of an answer`,
      );
    }
    const value = parse(text);
    const body = isObject(value) ? value : {};
    const [code, message] = [body["code"], body["message"]];
    return {
      status,
      reason,
      value,
      ...(typeof code === "string" ? { code } : {}),
      ...(typeof message === "string" ? { message } : {}),
      ...(trace === undefined ? {} : { trace }),
    };
  }

  /** A fresh login instead of `old`; when several ask at once, there is still only one. */
  async #relogin(old: Login): Promise<Login> {
    const current = this.#login;
    if (current !== undefined && await current !== old) return await current;
    if (this.#login === current) this.#login = this.#logIn();
    return await (this.#login as Promise<Login>);
  }

  async #logIn(): Promise<Login> {
    const retry = new Retry(this.context);
    for (let pages = 0;;) {
      try {
        return await logIn(this.client, this.host, this.#key);
      } catch (error) {
        if (error instanceof UnexpectedResponse) pages++;
        if (pages >= mostPages || !await retry.again(error)) {
          this.#login = undefined;
          throw error;
        }
      }
    }
  }
}

/** A session may have ended, or the host lost the rights that came with it. */
function needsLogin(status: number): boolean {
  return status === 401 || status === 403;
}

function isAnswer({ accept = [] }: Call, { status }: Reply): boolean {
  return (status >= 200 && status < 300) || accept.includes(status);
}

/** Whether the exchange itself failed, not what was asked for. */
function isTransport(error: unknown): error is NetworkError | UnexpectedResponse {
  return error instanceof NetworkError || error instanceof UnexpectedResponse;
}

/** What a text says as JSON; undefined when it says nothing. */
function parse(text: string): LosslessValue | undefined {
  try {
    return parseLosslessJson(text);
  } catch (error) {
    if (!(error instanceof MalformedJson)) throw error;
    return undefined;
  }
}
