import {
  type LosslessObject,
  MalformedJson,
  parseLosslessJson,
} from "../../../src/codec/lossless_json.ts";
import type { Host } from "../../../src/config/host.ts";
import { Secret } from "../../../src/config/secret.ts";
import { AuthError, ConfigError, DestinationError, type ToolError } from "../../../src/errors.ts";
import { isObject } from "../../../src/model/json.ts";
import { BusyServer } from "../../../src/net/busy_server.ts";
import type { HttpClient } from "../../../src/net/client.ts";
import type { HttpResponse } from "../../../src/net/response.ts";
import { UnexpectedResponse } from "../../../src/net/unexpected_response.ts";

/** A session at a host. */
export interface Login {
  /** The value of the cookie `sid`. */
  readonly sid: Secret;
  /** ms since epoch; infinite when the host did not say. */
  readonly expiresAt: number;
  /** The name in addresses. */
  readonly username: string;
  /** The name for people. */
  readonly name?: string;
}

/** As long as the official client waits, in ms. */
const timeout = 20_000;

/**
 * Trades a key for a session, in one attempt (swanlab-api §2.1). The key goes nowhere else, also not
 * along a redirect.
 * @throws {AuthError} when the host does not take the key.
 * @throws {ConfigError} when the address should begin with https.
 * @throws {DestinationError} when no SwanLab host is there.
 * @throws {TransientError} when it may work later.
 */
export async function logIn(client: HttpClient, host: Host, key: Secret): Promise<Login> {
  const url = `${host.apiBase}/login/api_key`;
  const headers = { authorization: key.reveal() };
  const response = await client.send({ method: "POST", url, headers, timeout });
  if (response.status >= 200 && response.status < 300) return await readLogin(host, response);
  const text = await response.text();
  throw refusal(host, response, parseBody(text));
}

async function readLogin(host: Host, response: HttpResponse): Promise<Login> {
  const body = await response.json();
  const login = isObject(body) ? body : {};
  const user = isObject(login["userInfo"]) ? login["userInfo"] : {};
  const [sid, expiredAt, username, name] = [
    login["sid"],
    login["expiredAt"],
    user["username"],
    user["name"],
  ];
  if (typeof sid !== "string" || !/^[\x21-\x7e]+$/.test(sid) || typeof username !== "string") {
    throw new UnexpectedResponse(
      `${host.name} answered the login without a session${traceText(response)}`,
    );
  }
  const expiresAt = typeof expiredAt === "string" ? Date.parse(expiredAt) : NaN;
  return {
    sid: new Secret(sid),
    expiresAt: Number.isNaN(expiresAt) ? Infinity : expiresAt,
    username,
    ...(typeof name === "string" && name !== "" ? { name } : {}),
  };
}

function parseBody(text: string): LosslessObject {
  try {
    const body = parseLosslessJson(text);
    return isObject(body) ? body : {};
  } catch (error) {
    if (error instanceof MalformedJson) return {};
    throw error;
  }
}

function refusal(host: Host, response: HttpResponse, body: LosslessObject): ToolError {
  const { status } = response;
  const said = `${answerText(response, body)}${traceText(response)}`;
  if (status === 401) {
    return new AuthError(`${host.name} does not know the key: ${said}`, {
      hint: `Copy the key from ${keyPage(host)} and give it to runferry login --relogin.`,
    });
  }
  if (status === 403) {
    return new AuthError(`${host.name} does not let this account in: ${said}`, {
      hint: `Verify the account at ${host.webBase} first.`,
    });
  }
  if (status >= 300 && status < 400) return redirect(host, response);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new BusyServer(`${host.name} cannot log anybody in now: ${said}`, response);
  }
  return new DestinationError(`${host.name} refused the login: ${said}`, {
    hint: status === 404
      ? "There is no SwanLab at this address; check the host, its port and its path."
      : "Check the address of the host; a firewall or a proxy before it may also refuse.",
  });
}

function redirect(host: Host, response: HttpResponse): ToolError {
  const location = response.headers.get("location") ?? "";
  const target = URL.canParse(location, host.apiBase) ? new URL(location, host.apiBase) : undefined;
  const own = new URL(host.url);
  if (
    own.protocol === "http:" && target?.protocol === "https:" && target.hostname === own.hostname
  ) {
    return new ConfigError(`${host.name} only answers over https`, {
      hint: `Write the host as ${target.origin}.`,
    });
  }
  const where = target === undefined ? "elsewhere" : `to ${target.origin}`;
  return new UnexpectedResponse(
    `${host.name} sent the login ${where}, where the key does not belong${traceText(response)}`,
  );
}

/** Where a host shows its users their keys. */
export function keyPage({ webBase }: Host): string {
  return `${webBase}/space/~/settings`;
}

function answerText({ status, reason }: HttpResponse, body: LosslessObject): string {
  const message = body["message"] ?? body["code"];
  const detail = typeof message === "string" && message !== reason ? ` (${message})` : "";
  return `${`${status} ${reason}`.trimEnd()}${detail}`;
}

function traceText({ trace }: HttpResponse): string {
  return trace === undefined ? "" : `, trace ${trace}`;
}
