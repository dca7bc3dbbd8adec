import { AuthError } from "../errors.ts";
import { cloud, type Host } from "./host.ts";
import type { Secret } from "./secret.ts";
import type { Settings } from "./settings.ts";
import type { SettingsContext } from "./settings_context.ts";
import { storedLogins } from "./stored_logins.ts";

/** A host, and the key for it where one is known. */
export interface Credentials {
  readonly host: Host;
  readonly key: Secret | undefined;
  /** Where the key comes from, for people: "SWANLAB_API_KEY or a settings file", a path. */
  readonly source: string;
}

/** What a command line says. */
export interface Given {
  readonly host?: Host | undefined;
  readonly key?: Secret | undefined;
  /**
   * Whether it is the only host of the command (true unless said otherwise): then a key that comes
   * without a host is meant for it, else for the cloud.
   */
  readonly isOnly?: boolean | undefined;
}

/**
 * Finds the host that is meant and its key, in this order: what was given, the settings, a stored
 * login. A key is taken only for the host that it came with; one that came without is for the host
 * of the command. A host that only a file in the current directory names does not get a key from
 * elsewhere, because the directory may be somebody else's.
 * @throws {ConfigError} when a file of logins cannot be understood.
 * @throws {AuthError} when there is a key, but it may not go to the host.
 */
export async function findCredentials(
  given: Given,
  settings: Settings,
  context: SettingsContext,
): Promise<Credentials> {
  const known = given.host ?? settings.host;
  if (given.key !== undefined) {
    return { host: known ?? cloud, key: given.key, source: "the command line" };
  }
  if (known === undefined && settings.key !== undefined) {
    return { host: cloud, key: settings.key, source: settingsSource };
  }
  if (known !== undefined && isKeyFor(known, given, settings)) {
    checkDirectory(known, given, settings);
    return { host: known, key: settings.key, source: settingsSource };
  }
  const logins = await storedLogins(context);
  const login = known === undefined ? logins[0] : logins.find(({ host }) => host.url === known.url);
  const host = known ?? login?.host ?? cloud;
  return { host, key: login?.key, source: login?.path ?? "" };
}

const settingsSource = "SWANLAB_API_KEY or a settings file";

/** Whether the key of the settings is one for this host. */
function isKeyFor(host: Host, { isOnly = true }: Given, settings: Settings): boolean {
  if (settings.key === undefined) return false;
  if (settings.host !== undefined) return settings.host.url === host.url;
  return isOnly || host.url === cloud.url;
}

function checkDirectory(host: Host, given: Given, settings: Settings): void {
  const isStrange = given.host === undefined && settings.hostFrom === "directory" &&
    settings.keyFrom === "user" && host.url !== cloud.url;
  if (!isStrange) return;
  throw new AuthError(
    `A settings file in the current directory names the host ${host.name}, but the key is not for it`,
    { hint: `Add -h ${host.url} if the key of SWANLAB_API_KEY belongs to this host.` },
  );
}

/** The error for a host without a key. */
export function noKey(host: Host): AuthError {
  const address = host.url === cloud.url ? "" : ` -h ${host.url}`;
  return new AuthError(`There is no key for ${host.webBase}`, {
    hint: `Run runferry login${address}, or give the key with -k or in SWANLAB_API_KEY.`,
  });
}
