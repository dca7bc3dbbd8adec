/** What to generate. Equal options give equal bytes. */
export interface GenerateOptions {
  /** Existing directory to make the run directory in. */
  readonly directory: string;
  readonly rows: number;
  /** Numbers in each row. */
  readonly keys: number;
  readonly seed: number;
}

/** A run that was generated. */
export interface GeneratedRun {
  /** Its run directory. */
  readonly path: string;
  /** Its log. */
  readonly log: string;
  /** Size of the log in bytes. */
  readonly bytes: number;
  /** Records in the log. */
  readonly records: number;
}

/** Start of every generated run: 2023-11-14 22:13:20 UTC, in ms since epoch. */
export const startedAt = 1_700_000_000_000;

/** The keys of a row: half of them for training, half for validation. */
export function keyNames(count: number): readonly string[] {
  return [...Array(count).keys()].map((at) =>
    `${at % 2 === 0 ? "train" : "val"}/metric_${`${at}`.padStart(2, "0")}`
  );
}
