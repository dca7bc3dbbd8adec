import { cloud, type Host, parseHost } from "../../../src/config/host.ts";
import { UsageError } from "../../../src/errors.ts";

/** What a `--to` says about a SwanLab host. */
export interface Address {
  readonly host: Host;
  readonly workspace?: string;
  readonly project?: string;
}

/**
 * Understands "swanlab" (the cloud), "https://host", and each with "/@WORKSPACE" or
 * "/@WORKSPACE/PROJECT" behind it; undefined for anything else.
 * @throws {ConfigError} when the host cannot be understood.
 * @throws {UsageError} when what follows it cannot.
 */
export function parseAddress(text: string): Address | undefined {
  const at = text.indexOf("/@");
  const host = at < 0 ? text : text.slice(0, at);
  const isCloud = host === cloud.name;
  if (!isCloud && !/^https?:\/\//i.test(host)) return undefined;
  const parsed = isCloud ? cloud : parseHost(host);
  if (at < 0) return { host: parsed };
  const [workspace = "", project, ...more] = text.slice(at + 2).replace(/\/$/, "").split("/");
  if (workspace === "" || project === "" || more.length > 0) {
    throw new UsageError(`"${text}" does not name a workspace and a project`, {
      hint: "Write it like https://host/@WORKSPACE/PROJECT.",
    });
  }
  return { host: parsed, workspace, ...(project === undefined ? {} : { project }) };
}
