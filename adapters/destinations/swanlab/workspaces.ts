import { arrayOf, objectOf, textOf } from "./json_reply.ts";
import { notOffered } from "./run_place.ts";
import type { Session } from "./session.ts";

/**
 * The workspaces that an account may write to, its own among them; undefined for a host that cannot
 * list them (swanlab-api §8.1).
 */
export async function readWorkspaces(session: Session): Promise<ReadonlySet<string> | undefined> {
  const { username } = await session.login();
  const reply = await session.call({
    method: "GET",
    path: `/user/${encodeURIComponent(username)}/groups`,
    what: "list the workspaces of the account",
    accept: [...notOffered, 400, 403],
  });
  const list = Array.isArray(reply.value) ? reply.value : objectOf(reply.value)["list"];
  if (reply.status >= 300 || !Array.isArray(list)) return undefined;
  const names = arrayOf(list).map((group) => textOf(objectOf(group)["username"]));
  return new Set([username, ...names.filter((name) => name !== undefined)]);
}
