import { findCredentials, noKey } from "../config/credentials.ts";
import { readSettings } from "../config/settings.ts";
import { accountFields, type AccountOptions, accountText, askWho, givenHost } from "./account.ts";
import type { Shell } from "./shell.ts";
import { tell } from "./tell.ts";

/**
 * Prints who the host takes the user for, and resolves to 0.
 * @throws {AuthError} when there is no key, or the host does not take it.
 */
export async function whoamiCommand(shell: Shell, options: AccountOptions): Promise<number> {
  const { host, key, source } = await findCredentials(
    givenHost(options),
    await readSettings(shell),
    shell,
  );
  if (key === undefined) throw noKey(host);
  const login = await askWho(shell, host, key);
  const text = `${accountText(login, host)}; the key comes from ${source}.`;
  await tell(shell, options, text, { type: "account", ...accountFields(login, host), source });
  return 0;
}
