import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import type { Server } from "node:net";
import { listen } from "./raw_server.ts";

/** What a SOCKS proxy was asked to connect to, name or address, and port. */
export interface SocksDemand {
  readonly dstAddr: string;
  readonly dstPort: number;
}

/** The part of the package that is used; it has no types of its own. */
interface SocksPackage {
  createServer(
    serve: (
      demand: { dstAddr: string; readonly dstPort: number },
      accept: () => void,
      deny: () => void,
    ) => void,
  ): Server & { useAuth(auth: unknown): void };
  readonly auth: {
    None(): unknown;
    UserPassword(
      check: (user: string, password: string, done: (fits: boolean) => void) => void,
    ): unknown;
  };
}

const socks: SocksPackage = createRequire(import.meta.url)("@heroku/socksv5");

/** A SOCKS5 proxy on 127.0.0.1. */
export interface SocksServer extends AsyncDisposable {
  readonly port: number;
  readonly demands: readonly SocksDemand[];
}

/** Starts one that takes every name for this machine, and asks for a login if one is given. */
export async function socksServer(
  login?: { readonly user: string; readonly password: string },
): Promise<SocksServer> {
  const demands: SocksDemand[] = [];
  const server = socks.createServer((demand, accept, deny) => {
    demands.push({ dstAddr: demand.dstAddr, dstPort: demand.dstPort });
    if (demand.dstAddr.startsWith("no-such")) return deny();
    demand.dstAddr = "127.0.0.1";
    accept();
  });
  server.useAuth(
    login === undefined
      ? socks.auth.None()
      : socks.auth.UserPassword((user, password, done) =>
        done(user === login.user && Buffer.from(password).equals(Buffer.from(login.password)))
      ),
  );
  const port = await listen(server);
  return {
    port,
    demands,
    /** Connections that still stand end when those who made them let go. */
    [Symbol.asyncDispose](): Promise<void> {
      server.close();
      return Promise.resolve();
    },
  };
}
