import { Option } from "@commander-js/extra-typings";
import { resolve } from "node:path";
import { Routes } from "../net/routes.ts";
import type { Shell } from "./shell.ts";

/** Options that say how this machine reaches hosts. */
export interface NetworkOptions {
  readonly proxy: readonly string[];
  readonly caCert?: string | undefined;
  readonly insecure?: true | undefined;
}

/** `--proxy`, which may be given again and again. */
export const proxy: Option<"--proxy <proxy>", undefined, readonly string[], readonly string[]> =
  new Option(
    "--proxy <proxy>",
    "[HOST=]http://…, socks5://… or none; else http_proxy, https_proxy, all_proxy (repeatable)",
  ).argParser((text: string, previous: readonly string[]) =>
    [...previous, text] as readonly string[]
  )
    .default([] as readonly string[], "as the environment says");

/** `--ca-cert`. */
export const caCert: Option<"--ca-cert <file>"> = new Option(
  "--ca-cert <file>",
  "also believe the certificates in this PEM file",
);

/** `--insecure`. */
export const insecure: Option<"--insecure"> = new Option(
  "--insecure",
  "do not check who answers: anybody may read and change all",
);

/**
 * The ways to hosts, with a warning if they are not safe.
 * @throws {ConfigError} when a proxy cannot be understood.
 */
export async function openRoutes(
  { environment, cwd, stderr }: Shell,
  { proxy, caCert, insecure }: NetworkOptions,
): Promise<Routes> {
  if (insecure === true) {
    await stderr.write(
      "WARNING: --insecure: nobody checks who answers; the key and all data can be read and " +
        "changed on the way.\n",
    );
  }
  const certificates = caCert === undefined ? {} : { certificates: resolve(cwd, caCert) };
  return new Routes({ proxies: proxy, environment, insecure: insecure ?? false, ...certificates });
}
