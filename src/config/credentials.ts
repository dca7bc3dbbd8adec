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
  /** Where the key comes from, for people: "SWANLAB_API_KEY", a path. */
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
 * The host that is meant: the one given, the one of the settings, the first of the stored logins,
 * or the cloud.
 * @throws {ConfigError} when a file of logins cannot be understood.
 */
export async function findHost(
  given: Given,
  settings: Settings,
  context: SettingsContext,
): Promise<Host> {
  const known = given.host ?? settings.host;
  if (known !== undefined || given.key !== undefined || settings.key !== undefined) {
    return known ?? cloud;
  }
  return (await storedLogins(context))[0]?.host ?? cloud;
}

/**
 * Finds the host that is meant and its key, in this order: what was given, the settings, a stored
 * login. A key is taken only for the host that it came with; one that came without is for the host
 * of the command.
 * @throws {ConfigError} when a file of logins cannot be understood.
 * @throws {AuthError} when there is a key, but it may not go to the host.
 */
export async function findCredentials(
  given: Given,
  settings: Settings,
  context: SettingsContext,
): Promise<Credentials> {
  const host = await findHost(given, settings, context);
  if (given.key !== undefined) {
    refuseStrangeHost(host, given, settings);
    return { host, key: given.key, source: "the command line" };
  }
  if (settings.key !== undefined && isKeyFor(host, given, settings)) {
    if (settings.key.from === "user") refuseStrangeHost(host, given, settings);
    return { host, key: settings.key.secret, source: settings.key.source };
  }
  const login = (await storedLogins(context)).find((stored) => stored.host.url === host.url);
  return { host, key: login?.key, source: login?.path ?? "" };
}

/** Whether the key of the settings is one for this host. */
function isKeyFor(host: Host, { isOnly = true }: Given, settings: Settings): boolean {
  if (settings.host !== undefined) return settings.host.url === host.url;
  return isOnly || host.url === cloud.url;
}

/**
 * Keeps the user's keys from a host that only a file in the current directory names, because the
 * directory may be somebody else's.
 * @throws {AuthError} when the host is one of these.
 */
export function refuseStrangeHost(host: Host, given: Given, settings: Settings): void {
  const isNamed = given.host !== undefined || settings.hostFrom !== "directory";
  if (isNamed || host.url === cloud.url) return;
  throw new AuthError(
    `Only a file in the current directory says that the host is ${host.name}, so it gets no key`,
    { hint: `Add -h ${host.url} if the key belongs to this host.` },
  );
}

/** The error for a host without a key. */
export function noKey(host: Host): AuthError {
  const address = host.url === cloud.url ? "" : ` -h ${host.url}`;
  return new AuthError(`There is no key for ${host.webBase}`, {
    hint: `Run runferry login${address}, or give the key with -k or in SWANLAB_API_KEY.`,
  });
}
