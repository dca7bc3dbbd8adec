import type { Outcome } from "../../../src/sync/outcome.ts";
import type { Output } from "../../../src/cli/output.ts";

/** An outcome of which only what matters to a test is given. */
export function outcomeOf(given: Partial<Outcome>): Outcome {
  return {
    path: "/data/swanlog/run-1",
    source: "swanlab",
    destination: "archive:/a",
    status: "done",
    events: {},
    excluded: {},
    sent: 0,
    present: 0,
    losses: [],
    gaps: 0,
    assurance: "exact",
    differences: [],
    points: 0,
    files: 0,
    bytes: 0,
    cleaned: false,
    seconds: 0,
    ...given,
  };
}

/** An output that keeps what is written to it. */
export class KeptOutput implements Output {
  readonly terminal: Output["terminal"];
  readonly closed = false;
  text = "";

  constructor(terminal: Partial<Output["terminal"]> = {}) {
    this.terminal = { live: false, columns: Infinity, colour: false, ...terminal };
  }

  write(text: string): Promise<void> {
    this.text += text;
    return Promise.resolve();
  }
}
