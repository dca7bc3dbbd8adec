import { chmod, mkdir, open, realpath, rename } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { ConfigError, systemCode } from "../errors.ts";
import { readConfigFile } from "./config_file.ts";
import { type Host, parseHost } from "./host.ts";
import { editNetrc, MalformedNetrc, type NetrcEntry, parseNetrc } from "./netrc.ts";
import { Secret } from "./secret.ts";
import { type SettingsContext, variable } from "./settings_context.ts";

/** A key that a login has left, and the only host that it is for. */
export interface StoredLogin {
  readonly host: Host;
  readonly key: Secret;
  /** The file that it stands in. */
  readonly path: string;
}

/** The folder of SwanLab's settings, absolute: `~/.swanlab` unless a variable names another. */
export function settingsFolder(context: SettingsContext): string {
  const named = variable(context, "SWANLAB_ROOT") ?? variable(context, "SWANLAB_SAVE_DIR");
  return resolve(context.cwd, named ?? join(context.home, ".swanlab"));
}

/** The file that a login is stored in, which the official client shares. */
export function loginFile(context: SettingsContext): string {
  return join(settingsFolder(context), ".netrc");
}

/**
 * All stored logins, the ones that count most first: those of the current directory, then the
 * user's (swanlab-api §1.4).
 * @throws {ConfigError} when a file cannot be read or understood.
 */
export async function storedLogins(context: SettingsContext): Promise<readonly StoredLogin[]> {
  const local = resolve(context.cwd, ".swanlab", ".netrc");
  const own = loginFile(context);
  const logins: StoredLogin[] = [];
  for (const path of new Set([local, own])) {
    const text = await readConfigFile(path);
    if (text === undefined) continue;
    for (const entry of parseFile(path, text)) {
      const host = hostOf(entry);
      if (host === undefined || entry.password === "") continue;
      logins.push({ host, key: new Secret(entry.password), path });
    }
  }
  return logins;
}

/**
 * Stores a key for its host, in front of the other logins of the file, because official clients take
 * the first one. Only the user may read the file; it is replaced as a whole or not at all.
 * @throws {ConfigError} when it cannot be written, or what is there cannot be understood.
 */
export async function storeLogin(path: string, host: Host, key: Secret): Promise<void> {
  const text = await readConfigFile(path) ?? "";
  const old = parseFile(path, text).filter((entry) => hostOf(entry)?.url === host.url);
  const entry = { machine: host.url, login: host.webBase, password: key.reveal() };
  await replace(path, editNetrc(text, old, entry));
}

/**
 * Takes the key of a host out of a file; false when it has none.
 * @throws {ConfigError} when it cannot be written, or what is there cannot be understood.
 */
export async function removeLogin(path: string, host: Host): Promise<boolean> {
  const text = await readConfigFile(path);
  if (text === undefined) return false;
  const old = parseFile(path, text).filter((entry) => hostOf(entry)?.url === host.url);
  if (old.length === 0) return false;
  await replace(path, editNetrc(text, old));
  return true;
}

function parseFile(path: string, text: string): readonly NetrcEntry[] {
  try {
    return parseNetrc(text);
  } catch (error) {
    if (!(error instanceof MalformedNetrc)) throw error;
    throw new ConfigError(`${path} cannot be understood: ${error.message}`, {
      hint: "Repair it, or delete it and log in again.",
    });
  }
}

/** The host of an entry; undefined for one that is not of SwanLab. */
function hostOf({ machine, login }: NetrcEntry): Host | undefined {
  if (machine === undefined) return undefined;
  try {
    return parseHost(machine, looksLikeHost(login) ? login : undefined);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Old clients stored other things than the address of web pages as the login. */
function looksLikeHost(login: string): boolean {
  return /^https?:\/\/[^/@?#]+(\/[^@?#]*)?$/.test(login);
}

async function replace(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const target = await followLinks(path);
    const temporary = join(dirname(target), `.netrc.${randomUUID()}`);
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(temporary, 0o600);
    await rename(temporary, target);
  } catch (cause) {
    throw new ConfigError(`${path} cannot be written (${systemCode(cause) ?? String(cause)})`, {
      hint: "Check who may write there, or name another folder in SWANLAB_ROOT.",
      cause,
    });
  }
}

/** The file that is to be replaced, when a link leads to it. */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return path;
    throw error;
  }
}
