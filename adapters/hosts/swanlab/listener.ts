import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { isIPv6 } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { ConfigError, systemCode } from "../../../src/errors.ts";
import type { HostApp } from "./host_app.ts";
import type { Limits } from "./limits.ts";

/** Where and how to listen. */
export interface ListenOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly address: string;
  /** Both PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly limits: Limits;
  /** Where clients reach the host; a proxy may leave the path in it on the requests. */
  readonly baseUrl?: string;
}

/** A server that takes requests. Disposing closes all connections. */
export interface Listener extends AsyncDisposable {
  readonly url: string;
}

/** @throws {ConfigError} when the address or the certificate cannot be used. */
export async function listen(app: HostApp, options: ListenOptions): Promise<Listener> {
  const server = makeServer(app, options);
  const { limits, port, address, tls } = options;
  server.maxConnections = limits.connections;
  server.headersTimeout = limits.headersMs;
  // Large uploads may take as long as they like, as long as bytes keep coming.
  server.requestTimeout = 0;
  server.timeout = limits.silenceMs;
  server.keepAliveTimeout = limits.silenceMs;
  await started(server, port, address);
  const at = server.address();
  const actual = typeof at === "object" && at !== null ? at.port : port;
  const name = isIPv6(address) ? `[${address}]` : address;
  return {
    url: `${tls === undefined ? "http" : "https"}://${name}:${actual}`,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function makeServer(app: HostApp, { baseUrl, tls }: ListenOptions): Server {
  const answer = getRequestListener(app.fetch);
  const prefix = baseUrl === undefined ? "" : new URL(baseUrl).pathname.replace(/\/+$/, "");
  const answerRequest: typeof answer = (incoming, outgoing) => {
    if (prefix !== "" && incoming.url?.startsWith(`${prefix}/`)) {
      incoming.url = incoming.url.slice(prefix.length);
    }
    return answer(incoming, outgoing);
  };
  if (tls === undefined) return createServer(answerRequest);
  try {
    return createSecureServer({ cert: tls.certificate, key: tls.key }, answerRequest);
  } catch (error) {
    throw new ConfigError("The certificate and its key cannot be used", {
      hint: "Give a PEM certificate chain and the PEM private key that belongs to it.",
      cause: error,
    });
  }
}

function started(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        new ConfigError(
          `Cannot listen at ${address}, port ${port}: ${systemCode(error) ?? error.message}`,
          { hint: "Choose another --port, or end the program that uses this one.", cause: error },
        ),
      );
    });
    server.listen(port, address, () => resolve());
  });
}
