import type { RunWriter } from "../../src/adapter.ts";

/** A writer some of whose parts are replaced. */
export function changedWriter(writer: RunWriter, parts: Partial<RunWriter>): RunWriter {
  return {
    remote: writer.remote,
    held: writer.held,
    write: (batch) => writer.write(batch),
    flush: () => writer.flush(),
    expect: (batch) => writer.expect(batch),
    finish: (tally) => writer.finish(tally),
    verify: (tally) => writer.verify(tally),
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
    ...parts,
  };
}
