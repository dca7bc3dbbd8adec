import { removeLogin, storedLogins } from "../config/stored_logins.ts";
import { findHost } from "../config/credentials.ts";
import { readSettings } from "../config/settings.ts";
import { variable } from "../config/settings_context.ts";
import { accountFields, type AccountOptions, givenHost } from "./account.ts";
import type { Shell } from "./shell.ts";
import { tell } from "./tell.ts";

/** Takes the stored keys of a host out of their files and resolves to 0, also if there is none. */
export async function logoutCommand(shell: Shell, options: AccountOptions): Promise<number> {
  const host = await findHost(givenHost(options), await readSettings(shell), shell);
  const paths = new Set(
    (await storedLogins(shell)).filter((login) => login.host.url === host.url)
      .map(({ path }) => path),
  );
  for (const path of paths) await removeLogin(path, host);
  const removed = [...paths];
  const text = removed.length === 0
    ? `No key for ${host.name} is stored.`
    : `The key for ${host.name} is no longer stored in ${removed.join(", ")}.`;
  await tell(shell, options, text, { type: "logout", ...accountFields(undefined, host), removed });
  if (variable(shell, "SWANLAB_API_KEY") !== undefined && options.quiet === undefined) {
    await shell.stderr.write("note: SWANLAB_API_KEY is still set.\n");
  }
  return 0;
}
