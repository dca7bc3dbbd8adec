/** Name of the log in a run directory of the model tracker. */
export const logName = "log.lines";

/** One value of a run; no two rows of a history have the same, so that each can be told. */
export interface Row {
  readonly step: number;
  readonly value: number;
}

/** A line of a log: the first tells the run, a row each, and the last that it ended. */
export type LogLine =
  | { readonly type: "run"; readonly id: string; readonly startedAt: number }
  | ({ readonly type: "row" } & Row)
  | { readonly type: "finish" };

/** The lines of a log; undefined for one that cannot be read, or is not there to its end. */
export function parseLog(text: string): readonly (LogLine | undefined)[] {
  const lines = text.split("\n");
  const rest = lines.pop();
  return [...lines.map(parseLine), ...(rest === "" ? [] : [undefined])];
}

function parseLine(line: string): LogLine | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The rows in a log. */
export function rowsOf(text: string): readonly Row[] {
  return parseLog(text).filter((line) => line?.type === "row");
}
