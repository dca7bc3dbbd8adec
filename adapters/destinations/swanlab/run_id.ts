import { createHash, randomUUID } from "node:crypto";
import type { ProjectName } from "./project.ts";

/** Which id a run gets: its own, a fresh one, or one that the user chose. */
export type IdPolicy = "auto" | "new" | { readonly id: string };

/** Ids that we make have so many characters of 0-9 and a-f, which every server takes. */
const madeLength = 21;

/** What an id may not hold at any server (swanlab-api §3.4). */
// deno-lint-ignore no-control-regex
const refused = /[<>:"/\\|?*#%\u0000-\u001f\u007f]/;

/** The id that a run should have; one that no server takes is replaced by its hash. */
export function wantedId(own: string, policy: IdPolicy): string {
  if (policy === "new") return hash(randomUUID());
  const id = policy === "auto" ? own : policy.id;
  return isAccepted(id) ? id : hash(id);
}

/** Whether servers take an id as it is. */
export function isAccepted(id: string): boolean {
  return id !== "" && id.length <= 512 && !refused.test(id);
}

/**
 * The id of a run's copy in one project. Ids are global, so a run whose id lives in another project
 * gets another one here, always the same.
 */
export function copyId(id: string, { workspace, name }: ProjectName): string {
  return hash(JSON.stringify([id, workspace, name]));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, madeLength);
}
