import type { Host } from "../../../src/config/host.ts";
import type { RunPlace } from "./run_place.ts";

/** The address of a run's page. */
export function remoteUrl({ webBase }: Host, { project, run }: RunPlace): string {
  return `${webBase}/@${project.path.replace(/^\//, "")}/runs/${run.slug ?? run.id}`;
}
