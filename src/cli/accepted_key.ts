import { keyPage, type Login } from "../../adapters/destinations/swanlab/login.ts";
import { parseKey } from "../config/api_key.ts";
import type { Host } from "../config/host.ts";
import type { Secret } from "../config/secret.ts";
import { AuthError, type ToolError } from "../errors.ts";
import { askWho } from "./account.ts";
import { escapeText } from "./escape.ts";
import { failureText } from "./failure_text.ts";
import type { Shell } from "./shell.ts";
import { painter } from "./style.ts";

/** So often a person may mistype a key. */
const mostQuestions = 3;

/** A key that its host has accepted. */
export interface AcceptedKey {
  readonly key: Secret;
  readonly login: Login;
}

/**
 * Makes sure that a text is a key that its host takes.
 * @throws {AuthError} when it is none.
 */
export async function acceptKey(shell: Shell, host: Host, text: string): Promise<AcceptedKey> {
  const key = parseKey(text);
  return { key, login: await askWho(shell, host, key) };
}

/**
 * Asks the user for the key of a host until it is right.
 * @throws {AuthError} when it is wrong too often.
 * @throws {CancelledError} when the user does not want to.
 */
export async function askForAcceptedKey(shell: Shell, host: Host): Promise<AcceptedKey> {
  const { stderr } = shell;
  const where = escapeText(keyPage(host));
  await stderr.write(`Your key for ${escapeText(host.name)} stands at ${where}.\n`);
  for (let question = 1;; question++) {
    const text = await shell.stdin.secret("Key:");
    try {
      return await acceptKey(shell, host, text);
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
