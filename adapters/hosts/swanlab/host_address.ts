import type { Host, HostContext } from "./host_app.ts";
import { signedPrefix } from "./signer.ts";

/** How long an address can be used, in ms. */
const validMs = 60 * 60 * 1000;

/** A whole address that can be used without logging in. `parts` are not encoded yet. */
export function signedAddress(
  host: Host,
  context: HostContext,
  method: "GET" | "PUT",
  parts: readonly string[],
): string {
  const path = [signedPrefix, ...parts.map(encodeURIComponent)].join("/");
  return `${base(host, context)}/api${host.signer.sign(method, path, host.now() + validMs)}`;
}

/** Where the caller reaches this host, as a reverse proxy tells or the caller itself. */
function base({ baseUrl }: Host, context: HostContext): string {
  if (baseUrl !== undefined) return baseUrl;
  const { headers, socket } = context.env.incoming;
  const secure = "encrypted" in socket && socket.encrypted === true;
  const protocol = first(headers["x-forwarded-proto"]) ?? (secure ? "https" : "http");
  const name = first(headers["x-forwarded-host"]) ?? headers.host ?? "127.0.0.1";
  const prefix = (first(headers["x-forwarded-prefix"]) ?? "").replace(/\/+$/, "");
  return `${protocol}://${name}${prefix}`;
}

/** The first of the values that a chain of proxies left. */
function first(header: string | readonly string[] | undefined): string | undefined {
  const text = typeof header === "string" ? header : header?.[0];
  return text?.split(",")[0]?.trim() || undefined;
}

/**
 * The parts of a signed path, decoded, once its signature is proven.
 * @throws {Refusal} when it does not hold.
 */
export function signedParts(host: Host, context: HostContext): readonly string[] {
  const { incoming } = context.env;
  const url = incoming.url ?? "";
  const target = url.slice(url.indexOf(`/api${signedPrefix}/`) + "/api".length);
  host.signer.prove(incoming.method ?? "", target, host.now());
  const [path = ""] = target.split("?");
  return path.slice(signedPrefix.length + 1).split("/").map(decodeURIComponent);
}
