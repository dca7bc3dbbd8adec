/** The registry: the only list of sources and destinations. A new tracker is one line here. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import manifest from "../package.json" with { type: "json" };
import type { Destination, Source } from "../src/adapter.ts";
import { UsageError } from "../src/errors.ts";
import { archive as archiveDestination } from "./destinations/archive/destination.ts";
import { archive } from "./sources/archive/source.ts";
import { swanlab } from "./sources/swanlab/source.ts";
import { wandb } from "./sources/wandb/source.ts";

/** Every source, in the order in which they are asked. */
export const sources: readonly Source[] = [swanlab, wandb, archive];

/** How a destination is opened. */
export interface DestinationOptions {
  /** Whether an archive keeps the run directories byte for byte. */
  readonly keepSource: boolean;
}

/**
 * The destination that a `--to` names: `archive:PATH` or a path.
 * @throws {UsageError} when it names none.
 */
export function openDestination(text: string, options: DestinationOptions): Destination {
  const path = text.startsWith("archive:") ? text.slice("archive:".length) : text;
  if (path === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new UsageError(`"${text}" is not a destination`, {
      hint: "Give the path of a local archive, such as --to ./archive.",
    });
  }
  const absolute = path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(path);
  return archiveDestination(absolute, { ...options, tool: `runferry ${manifest.version}` });
}
