import { existsSync, globSync } from "node:fs";
import { basename } from "node:path";

/** Something real to mutate. */
export interface Unit {
  /** A directory of the fixtures. */
  readonly path: string;
  /** Whether to mutate an archive of it instead of itself. */
  readonly archived: boolean;
}

function directories(pattern: string): readonly string[] {
  return globSync(pattern).map((path) => path.replaceAll("\\", "/")).sort();
}

/** Every run of the fixtures: whole swanlog folders, and the run directories of wandb. */
export function fixtureUnits(): readonly Unit[] {
  const swanlab = directories("tests/fixtures/swanlab/*/*/swanlog");
  const wandb = directories("tests/fixtures/wandb/*/*/*run-*");
  const plain = [...swanlab, ...wandb].filter((path) => existsSync(path));
  const archived = plain.filter((path) => /(basic|media|artifact|values)/.test(path));
  return [
    ...plain.map((path) => ({ path, archived: false })),
    ...archived.filter((_, at) => at % 5 === 0).map((path) => ({ path, archived: true })),
  ];
}

/** A short name for reports. */
export function unitName({ path, archived }: Unit): string {
  const parts = path.split("/").slice(2, 5);
  return `${archived ? "archive of " : ""}${parts.join("/") || basename(path)}`;
}
