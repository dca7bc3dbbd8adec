import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../src/model/json.ts";
import type { Point, Sample } from "./source_subject.ts";

/** A call of `log` as the fixtures' program recorded it. */
interface Logged {
  readonly step: number | null;
  readonly data: { readonly [key: string]: Json };
}

function points(rows: readonly Logged[]): readonly Point[] {
  return rows.flatMap(({ step, data }, at) =>
    Object.entries(data).map(([key, value]): Point => [key, step ?? at, value])
  );
}

function onlyDirectory(parent: string, pattern: RegExp): string {
  const [name = ""] = readdirSync(parent).filter((entry) => pattern.test(entry));
  return join(parent, name);
}

/** A fixture of the wandb client whose program logged numbers only, one run long. */
export function wandbSample(name: string): Sample {
  const folder = `tests/fixtures/wandb/${name}`;
  const truth = JSON.parse(readFileSync(join(folder, "truth.json"), "utf8"));
  return { path: onlyDirectory(folder, /^(offline-)?run-/), points: points(truth.runs[0].rows) };
}

/**
 * A fixture of the swanlab client whose program logged numbers only, a row each step from 0. Up to
 * 0.6.1 the keys stand beside the run directory, in `runs.swanlab`.
 */
export function swanlabSample(name: string): Sample {
  const folder = `tests/fixtures/swanlab/${name}`;
  const truth = JSON.parse(readFileSync(join(folder, "truth.json"), "utf8"));
  const logs = join(folder, "swanlog");
  const path = existsSync(join(logs, "runs.swanlab")) ? logs : onlyDirectory(logs, /^run-/);
  return { path, points: points(truth.calls) };
}
