import { type Login, logIn } from "../../adapters/destinations/swanlab/login.ts";
import manifest from "../../package.json" with { type: "json" };
import { parseKey } from "../config/api_key.ts";
import { type Host, parseHost } from "../config/host.ts";
import type { Secret } from "../config/secret.ts";
import { HttpClient } from "../net/client.ts";
import { Retry } from "../net/retry.ts";
import { makeContext } from "./context.ts";
import type { Shell } from "./shell.ts";

/** Options of the commands about accounts. */
export interface AccountOptions {
  readonly host?: string | undefined;
  /** The same in SwanLab's spelling. */
  readonly h?: string | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** A person waits, so servers that do not answer are given up soon; ms. */
const budget = 5_000;

/** The host that the options name, if they do. */
export function givenHost({ host, h }: AccountOptions): { readonly host?: Host } {
  const named = host ?? h;
  return named === undefined ? {} : { host: parseHost(named) };
}

/**
 * Asks a host who a key belongs to.
 * @throws {AuthError} when the host does not take the key.
 * @throws {ToolError} when it cannot be asked.
 */
export async function askWho(shell: Shell, host: Host, key: Secret): Promise<Login> {
  const context = makeContext(shell, false, () => {});
  const client = new HttpClient(context, { userAgent: `runferry/${manifest.version}` });
  const retry = new Retry(context, { budget });
  for (;;) {
    try {
      return await logIn(client, host, parseKey(key.reveal()));
    } catch (error) {
      if (!await retry.again(error)) throw error;
    }
  }
}

/** An account as people read it: "ann (Ann B.) at https://swanlab.cn". */
export function accountText({ username, name }: Login, { webBase }: Host): string {
  const full = name === undefined || name === username ? "" : ` (${name})`;
  return `${username}${full} at ${webBase}`;
}

/** What every JSON line about an account holds. */
export function accountFields(
  login: Login | undefined,
  host: Host,
): { readonly [field: string]: string } {
  return {
    host: host.name,
    url: host.webBase,
    ...(login === undefined ? {} : { username: login.username }),
    ...(login?.name === undefined ? {} : { name: login.name }),
  };
}
