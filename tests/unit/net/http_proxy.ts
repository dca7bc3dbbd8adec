import { lookup } from "node:dns";
import { Server } from "proxy-chain";

/** An HTTP proxy on 127.0.0.1. */
export interface HttpProxy extends AsyncDisposable {
  readonly port: number;
  /** What it was asked for: "swan.lab:443". */
  readonly demands: readonly string[];
}

/** Starts one that takes every name for this machine, and asks for a login if one is given. */
export async function httpProxy(
  login?: { readonly user: string; readonly password: string },
): Promise<HttpProxy> {
  const demands: string[] = [];
  const server = new Server({
    host: "127.0.0.1",
    port: 0,
    prepareRequestFunction: ({ hostname, port, username, password }) => {
      demands.push(`${hostname}:${port}`);
      const fits = login === undefined || login.user === username && login.password === password;
      return { requestAuthentication: !fits, dnsLookup: thisMachine };
    },
  });
  await server.listen();
  return {
    port: server.port,
    demands,
    async [Symbol.asyncDispose](): Promise<void> {
      await server.close(true);
    },
  };
}

/** Finds every name on this machine. */
const thisMachine = Object.assign(
  (_name: string, ...rest: readonly unknown[]): void => {
    const [options, done] = rest;
    if (typeof done !== "function") return;
    const isAll = typeof options === "object" && options !== null && "all" in options;
    if (isAll && options.all === true) done(null, [{ address: "127.0.0.1", family: 4 }]);
    else done(null, "127.0.0.1", 4);
  },
  { __promisify__: lookup.__promisify__ },
);
