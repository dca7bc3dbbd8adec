import { mkdirSync } from "node:fs";
import { parseLosslessJson } from "../../src/codec/lossless_json.ts";
import { run } from "../e2e/binary.ts";
import { at, textAt } from "./json_path.ts";
import type { Login } from "./official_client.ts";

/** What `runferry sync` reported. */
export interface OurSync {
  /** Ids that the runs have on the host. */
  readonly ids: readonly string[];
  /** Events that had to be sent, over all runs. */
  readonly sent: number;
  readonly assurances: readonly string[];
}

/**
 * Ferries run directories into a project of a host.
 * @throws {Error} with what it printed, when it ends with anything but 0.
 */
export async function ourSync(
  paths: readonly string[],
  project: string,
  { url, key, user }: Login,
  home: string,
): Promise<OurSync> {
  mkdirSync(home, { recursive: true });
  // Clients link saved files into the run directory from wherever they are; the official sync follows.
  // With --recheck, what the host holds counts, not what is remembered of it.
  const words = ["sync", ...paths, "-h", url, "-k", key, "-w", user, "-p", project]
    .concat(["--json", "--follow-outside", "--recheck"]);
  const environment = { HOME: home, TZ: "UTC", NO_PROXY: "127.0.0.1" };
  const { code, stdout, stderr } = await run(words, { cwd: home, environment });
  if (code !== 0) throw new Error(`sync ended with ${code}:\n${stdout}${stderr}`);
  const lines = stdout.trim().split("\n").map((line) => parseLosslessJson(line))
    .filter((line) => textAt(line, "type") === "run");
  return {
    ids: lines.map((line) => textAt(line, "remote", "id")),
    sent: lines.reduce<number>((sum, line) => sum + Number(at(line, "sent")), 0),
    assurances: lines.map((line) => textAt(line, "assurance")),
  };
}
