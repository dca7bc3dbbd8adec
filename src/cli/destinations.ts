import { createHash, randomUUID } from "node:crypto";
import { type DestinationOptions, openDestination } from "../../adapters/mod.ts";
import { parseAddress } from "../../adapters/destinations/swanlab/address.ts";
import type { Destination } from "../adapter.ts";
import { parseKey } from "../config/api_key.ts";
import { findCredentials } from "../config/credentials.ts";
import { type Host, parseHost } from "../config/host.ts";
import type { Secret } from "../config/secret.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import { askForKey } from "./login.ts";
import type { Shell } from "./shell.ts";

/** Options that say where runs are, or go. */
export interface PlaceOptions {
  readonly to: readonly string[];
  readonly host?: string | undefined;
  /** The same in SwanLab's spelling. */
  readonly h?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly workspace?: string | undefined;
  readonly project?: string | undefined;
  readonly id?: string | undefined;
  readonly exact?: true | undefined;
  readonly originalTimes?: true | undefined;
  readonly xAxis?: "step" | "defined" | undefined;
  /** Which value counts where two parts of a run have one for the same step. */
  readonly overlap?: "last" | "first" | "error" | undefined;
  /** Whether an archive keeps the run directories. */
  readonly source?: boolean | undefined;
}

/** Where runs go, and the one id that they are to have, if the user chose one. */
export interface Places {
  readonly destinations: readonly Destination[];
  readonly id: string | undefined;
  /**
   * By name of the destination, what besides a run itself decides what will be there, as texts
   * that are equal for equal things.
   * @throws {AuthError} when there is no key, which tells whose runs they will be.
   */
  manners(): Promise<ReadonlyMap<string, readonly string[]>>;
}

/**
 * The destinations that `--to` and `-h` name; without any, SwanLab as its own client would find it.
 * @throws {UsageError} when one is named twice, or the key could be for several hosts.
 * @throws {ConfigError} when a host or a file of settings cannot be understood.
 */
export async function openPlaces(shell: Shell, options: PlaceOptions): Promise<Places> {
  const settings = await readSettings(shell);
  const names = await namesOf(shell, options, settings);
  const id = options.id ?? settings.runId;
  const keys = new Keys(shell, options, settings, hostsOf(names).length <= 1);
  const workspace = options.workspace ?? settings.workspace;
  const project = options.project ?? settings.project;
  const opening: DestinationOptions = {
    keepSource: options.source ?? true,
    swanlab: {
      exact: options.exact ?? false,
      originalTimes: options.originalTimes ?? false,
      xAxis: options.xAxis ?? "defined",
      overlap: options.overlap ?? "last",
      id: id === undefined || id === "auto" ? "auto" : id === "new" ? "new" : { id },
      ...(workspace === undefined ? {} : { workspace }),
      ...(project === undefined ? {} : { project }),
    },
    key: (host) => keys.of(host),
  };
  const destinations = names.map((name) => openDestination(name, opening));
  refuseTwins(destinations);
  return {
    destinations,
    id: id === "auto" || id === "new" ? undefined : id,
    async manners(): Promise<ReadonlyMap<string, readonly string[]>> {
      const found = new Map<string, readonly string[]>();
      for (const [at, { name }] of destinations.entries()) {
        found.set(name, await mannerOf(names[at] ?? "", opening));
      }
      return found;
    },
  };
}

/** How runs are to be at one destination. */
async function mannerOf(name: string, opening: DestinationOptions): Promise<readonly string[]> {
  const address = parseAddress(name);
  if (address === undefined) return opening.keepSource ? [] : ["no source"];
  const { id, originalTimes, xAxis, overlap, workspace } = opening.swanlab;
  const isOwn = (address.workspace ?? workspace) === undefined;
  return [
    ...(originalTimes ? ["original times"] : []),
    ...(xAxis === "defined" ? [] : [`x axis ${xAxis}`]),
    ...(overlap === undefined || overlap === "last" ? [] : [`overlap ${overlap}`]),
    // What is new each time is never there already.
    ...(id === "auto" ? [] : [id === "new" ? `new ${randomUUID()}` : `id ${id.id}`]),
    ...(isOwn ? [`account ${fingerprint(await opening.key(address.host))}`] : []),
  ];
}

/** Tells accounts apart without giving the key away. */
function fingerprint(key: Secret): string {
  return createHash("sha256").update(`runferry journal ${key.reveal()}`).digest("hex").slice(0, 16);
}

/** What is named, or the host that the user is logged in to. */
async function namesOf(
  shell: Shell,
  { to, host, h, apiKey }: PlaceOptions,
  settings: Settings,
): Promise<readonly string[]> {
  const named = host ?? h;
  const all = named === undefined ? to : [...to, parseHost(named).name];
  if (all.length > 0) return all;
  const key = apiKey === undefined ? {} : { key: parseKey(apiKey) };
  return [(await findCredentials(key, settings, shell)).host.name];
}

/** The different SwanLab hosts among some names. */
function hostsOf(names: readonly string[]): readonly string[] {
  const urls = names.map((name) => parseAddress(name)?.host.url)
    .filter((url) => url !== undefined);
  return [...new Set(urls)];
}

function refuseTwins(destinations: readonly Destination[]): void {
  const known = new Set<string>();
  for (const { name } of destinations) {
    if (known.has(name)) {
      throw new UsageError(`${name} is named twice`, { hint: "Name each destination once." });
    }
    known.add(name);
  }
}

/** Finds the key of each host once, and asks for it where that is possible. */
class Keys {
  readonly #shell: Shell;
  readonly #options: PlaceOptions;
  readonly #settings: Settings;
  readonly #isOnly: boolean;
  readonly #found = new Map<string, Promise<Secret>>();

  constructor(shell: Shell, options: PlaceOptions, settings: Settings, isOnly: boolean) {
    if (options.apiKey !== undefined && !isOnly) {
      throw new UsageError("-k gives one key, but there are several hosts", {
        hint: "Log in to each of them with runferry login -h HOST, and leave -k out.",
      });
    }
    this.#shell = shell;
    this.#options = options;
    this.#settings = settings;
    this.#isOnly = isOnly;
  }

  of(host: Host): Promise<Secret> {
    let key = this.#found.get(host.url);
    if (key === undefined) {
      key = this.#find(host);
      this.#found.set(host.url, key);
    }
    return key;
  }

  async #find(host: Host): Promise<Secret> {
    const { apiKey } = this.#options;
    const given = {
      host,
      isOnly: this.#isOnly,
      ...(apiKey === undefined ? {} : { key: parseKey(apiKey) }),
    };
    const { key } = await findCredentials(given, this.#settings, this.#shell);
    return key ?? await askForKey(this.#shell, host);
  }
}
