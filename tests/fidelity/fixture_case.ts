import { cpSync } from "node:fs";
import { join } from "node:path";
import type { LosslessValue } from "../../src/codec/lossless_json.ts";
import { type FixtureRun, fixtureRuns } from "../adapters/wandb/fixture_runs.ts";
import { sentItems } from "../adapters/swanlab_destination/scene.ts";
import { textAt } from "../interop/json_path.ts";
import { pointName } from "./scored_run.ts";

/** The directories of each case, which are one run. */
export const cases: ReadonlyMap<string, readonly FixtureRun[]> = Map.groupBy(
  fixtureRuns,
  ({ folder, name }) => name.includes("#") ? name.split("#")[0] ?? folder : name,
);

/**
 * Puts what the client keeps outside run directories where it keeps it, below `directory`; returns
 * the variables that say so.
 */
export function layOutside(
  directory: string,
  { folder, external }: FixtureRun,
): { readonly [name: string]: string } {
  for (const place of Object.values(external)) {
    const [, within = ""] =
      /^.*?(\/artifacts\b.*)$/.exec(textAt(place as LosslessValue, "original")) ??
        [];
    const copy = textAt(place as LosslessValue, "copied_to");
    cpSync(join(folder, copy), join(directory, within), { recursive: true });
  }
  return { WANDB_DATA_DIR: directory, WANDB_CACHE_DIR: directory };
}

/** When points happened in µs, as they were sent. */
export function sentTimes(passed: Parameters<typeof sentItems>[0]): ReadonlyMap<string, bigint> {
  const points = sentItems(passed).filter(({ key }) => key !== undefined);
  return new Map(points.map(({ key = "", index = 0, create_time: time = "" }) => {
    const [, second = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
    const whole = BigInt(Date.parse(`${second}Z`)) * 1000n;
    return [pointName(key, BigInt(index)), whole + BigInt(fraction.padEnd(6, "0").slice(0, 6))];
  }));
}
