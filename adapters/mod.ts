/** The registry: the only list of sources and destinations. A new tracker is one line here. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import manifest from "../package.json" with { type: "json" };
import type { Destination, Source } from "../src/adapter.ts";
import type { Host } from "../src/config/host.ts";
import type { Secret } from "../src/config/secret.ts";
import { UsageError } from "../src/errors.ts";
import { archive as archiveDestination } from "./destinations/archive/destination.ts";
import { parseAddress } from "./destinations/swanlab/address.ts";
import { swanlab as swanlabHost, type SwanlabOptions } from "./destinations/swanlab/destination.ts";
import { archive } from "./sources/archive/source.ts";
import { swanlab } from "./sources/swanlab/source.ts";
import { wandb } from "./sources/wandb/source.ts";

/** Every source, in the order in which they are asked. */
export const sources: readonly Source[] = [swanlab, wandb, archive];

/** How destinations are opened; each takes of it what concerns it. */
export interface DestinationOptions {
  /** Whether an archive keeps the run directories byte for byte. */
  readonly keepSource: boolean;
  /** How a SwanLab host is used; an address with a workspace or a project goes before these. */
  readonly swanlab: Omit<SwanlabOptions, "host" | "key" | "tool">;
  /**
   * The key for a SwanLab host.
   * @throws {AuthError} when there is none.
   */
  key(host: Host): Promise<Secret>;
}

const tool = `runferry ${manifest.version}`;

/**
 * The destination that a `--to` names: "swanlab", the address of a private host, `archive:PATH` or a
 * path.
 * @throws {UsageError} when it names none.
 */
export function openDestination(text: string, options: DestinationOptions): Destination {
  const address = parseAddress(text);
  if (address !== undefined) {
    const { host } = address;
    return swanlabHost({ ...options.swanlab, ...address, key: () => options.key(host), tool });
  }
  const path = text.startsWith("archive:") ? text.slice("archive:".length) : text;
  if (path === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new UsageError(`"${text}" is not a destination`, {
      hint: "Give swanlab, the address of a private host, or the path of a local archive.",
    });
  }
  const absolute = path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(path);
  return archiveDestination(absolute, { ...options, tool });
}
