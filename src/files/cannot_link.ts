import { systemCode } from "../errors.ts";

/** What file systems without hard links answer. */
const codes: ReadonlySet<string> = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"]);

/** Whether a link failed because the file system has none, so that there must be another way. */
export function cannotLink(error: unknown): boolean {
  return codes.has(systemCode(error) ?? "");
}
