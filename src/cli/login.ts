import type { Login } from "../../adapters/destinations/swanlab/login.ts";
import { findHost, noKey, refuseStrangeHost } from "../config/credentials.ts";
import type { Host } from "../config/host.ts";
import type { Secret } from "../config/secret.ts";
import { readSettings } from "../config/settings.ts";
import { variable } from "../config/settings_context.ts";
import { loginFile, storedLogins, storeLogin } from "../config/stored_logins.ts";
import { AuthError } from "../errors.ts";
import { accountFields, type AccountOptions, accountText, askWho, givenHost } from "./account.ts";
import { type AcceptedKey, acceptKey, askForAcceptedKey } from "./accepted_key.ts";
import { escapeText } from "./escape.ts";
import type { Shell } from "./shell.ts";
import { tell } from "./tell.ts";

/** Options of `runferry login`. */
export interface LoginCommandOptions extends AccountOptions {
  /** The key, or `-` for the first line of standard input. */
  readonly apiKey?: string | undefined;
  readonly relogin?: true | undefined;
}

/** Checks a key at its host, stores it where the official client looks, and resolves to 0. */
export async function loginCommand(shell: Shell, options: LoginCommandOptions): Promise<number> {
  const given = givenHost(options);
  const settings = await readSettings(shell);
  const host = await findHost(given, settings, shell);
  const known = options.apiKey === undefined && options.relogin === undefined
    ? await knownLogin(shell, host)
    : undefined;
  if (known !== undefined) {
    const { login, path } = known;
    const text = `Already logged in as ${accountText(login, host)}; ` +
      "--relogin stores another key.";
    const line = { type: "login", ...accountFields(login, host), stored: path };
    await tell(shell, options, text, line);
    return 0;
  }
  const check = (): void => refuseStrangeHost(host, given, settings);
  const { key, login } = await obtain(shell, host, options.apiKey, check);
  const path = loginFile(shell);
  await storeLogin(path, host, key);
  const text = `Logged in as ${accountText(login, host)}; the key is stored in ${path}.`;
  await tell(shell, options, text, { type: "login", ...accountFields(login, host), stored: path });
  if (variable(shell, "SWANLAB_API_KEY") !== undefined && options.quiet === undefined) {
    await shell.stderr.write("note: SWANLAB_API_KEY is set and counts before what is stored.\n");
  }
  return 0;
}

/**
 * Asks for the key of a host in the middle of another command, and stores it as a login would.
 * @throws {AuthError} when there is nobody to ask, or the key is wrong too often.
 * @throws {CancelledError} when the user does not want to.
 */
export async function askForKey(shell: Shell, host: Host): Promise<Secret> {
  if (!shell.stdin.interactive) throw noKey(host);
  const { key, login } = await askForAcceptedKey(shell, host);
  const path = loginFile(shell);
  await storeLogin(path, host, key);
  const text = `Logged in as ${accountText(login, host)}; the key is stored in ${path}.`;
  await shell.stderr.write(`${escapeText(text)}\n`);
  return key;
}

/** The stored login of a host, if the host still takes it. */
async function knownLogin(
  shell: Shell,
  host: Host,
): Promise<{ readonly login: Login; readonly path: string } | undefined> {
  const stored = (await storedLogins(shell)).find((login) => login.host.url === host.url);
  if (stored === undefined) return undefined;
  try {
    return { login: await askWho(shell, host, stored.key), path: stored.path };
  } catch (error) {
    if (error instanceof AuthError) return undefined;
    throw error;
  }
}

/** `checkHost` throws when the host may not get a key without the user seeing where it goes. */
async function obtain(
  shell: Shell,
  host: Host,
  given: string | undefined,
  checkHost: () => void,
): Promise<AcceptedKey> {
  if (given === undefined && shell.stdin.interactive) return await askForAcceptedKey(shell, host);
  checkHost();
  const text = given === undefined || given === "-" ? await shell.stdin.line() : given;
  if (text.trim() === "") throw noKey(host);
  return await acceptKey(shell, host, text);
}
