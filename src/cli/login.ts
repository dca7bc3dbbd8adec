import { keyPage, type Login } from "../../adapters/destinations/swanlab/login.ts";
import { parseKey } from "../config/api_key.ts";
import { noKey } from "../config/credentials.ts";
import type { Host } from "../config/host.ts";
import type { Secret } from "../config/secret.ts";
import { variable } from "../config/settings_context.ts";
import { loginFile, storedLogins, storeLogin } from "../config/stored_logins.ts";
import { AuthError, ToolError } from "../errors.ts";
import { accountFields, type AccountOptions, accountText, askWho, findAccount } from "./account.ts";
import { escapeText } from "./escape.ts";
import { failureText } from "./failure_text.ts";
import type { Shell } from "./shell.ts";
import { painter } from "./style.ts";
import { tell } from "./tell.ts";

/** Options of `runferry login`. */
export interface LoginCommandOptions extends AccountOptions {
  /** The key, or `-` for the first line of standard input. */
  readonly apiKey?: string | undefined;
  readonly relogin?: true | undefined;
}

/** So often a person may mistype a key. */
const mostQuestions = 3;

/** A key that its host has accepted. */
interface Accepted {
  readonly key: Secret;
  readonly login: Login;
}

/** Checks a key at its host, stores it where the official client looks, and resolves to 0. */
export async function loginCommand(shell: Shell, options: LoginCommandOptions): Promise<number> {
  const { host } = await findAccount(shell, options);
  if (options.apiKey === undefined && options.relogin === undefined) {
    const known = await knownLogin(shell, host);
    if (known !== undefined) {
      const text = `Already logged in as ${accountText(known.login, host)}; ` +
        "--relogin stores another key.";
      await tell(shell, options, text, {
        type: "login",
        ...accountFields(known.login, host),
        stored: known.path,
      });
      return 0;
    }
  }
  const { key, login } = await obtain(shell, host, options.apiKey);
  const path = loginFile(shell);
  await storeLogin(path, host, key);
  const text = `Logged in as ${accountText(login, host)}; the key is stored in ${path}.`;
  await tell(shell, options, text, { type: "login", ...accountFields(login, host), stored: path });
  if (variable(shell, "SWANLAB_API_KEY") !== undefined && options.quiet === undefined) {
    await shell.stderr.write("note: SWANLAB_API_KEY is set and counts before what is stored.\n");
  }
  return 0;
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

async function obtain(shell: Shell, host: Host, given: string | undefined): Promise<Accepted> {
  if (given !== undefined && given !== "-") return await check(shell, host, given);
  if (given === undefined && shell.stdin.interactive) return await ask(shell, host);
  const line = await shell.stdin.line();
  if (line.trim() === "") throw noKey(host);
  return await check(shell, host, line);
}

async function check(shell: Shell, host: Host, text: string): Promise<Accepted> {
  const key = parseKey(text);
  return { key, login: await askWho(shell, host, key) };
}

async function ask(shell: Shell, host: Host): Promise<Accepted> {
  const { stderr } = shell;
  const where = escapeText(keyPage(host));
  await stderr.write(`Your key for ${escapeText(host.name)} stands at ${where}.\n`);
  for (let question = 1;; question++) {
    const text = await shell.stdin.secret("Key:");
    try {
      return await check(shell, host, text);
    } catch (error) {
      if (!(error instanceof AuthError) || question === mostQuestions) throw error;
      await stderr.write(mistake(shell, error));
    }
  }
}

function mistake({ stderr }: Shell, { code, message }: ToolError): string {
  const { colour, columns } = stderr.terminal;
  return failureText({ code, message }, painter(colour), columns);
}
