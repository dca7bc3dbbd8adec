/** What a stream leads to. */
export interface Terminal {
  /** Whether somebody looks at it, so that lines may be redrawn and cut. */
  readonly live: boolean;
  /** Columns per line; Infinity when it is no terminal. */
  readonly columns: number;
  readonly colour: boolean;
}

/** What the runtime tells about a stream; a terminal without a size reports 0 columns. */
export interface StreamFacts {
  readonly isTTY: boolean;
  readonly columns?: number | undefined;
}

/**
 * Decides how to write to a stream. NO_COLOR (with any value) turns colours off, FORCE_COLOR on
 * also without a terminal; TERM=dumb means neither colours nor redrawing.
 */
export function describeTerminal(
  facts: StreamFacts,
  environment: { readonly [name: string]: string | undefined },
): Terminal {
  const live = facts.isTTY && environment["TERM"] !== "dumb";
  const forced = environment["FORCE_COLOR"] ?? "";
  const force = forced !== "" && forced !== "0" && forced !== "false";
  const forbidden = (environment["NO_COLOR"] ?? "") !== "" ||
    (forced !== "" && !force);
  return {
    live,
    columns: facts.isTTY ? facts.columns || 80 : Infinity,
    colour: !forbidden && (force || live),
  };
}
