import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  Context,
  Destination,
  Loss,
  Receipt,
  RunFiles,
  RunReader,
  RunWriter,
  Tail,
  Verdict,
} from "../../../src/adapter.ts";
import { DestinationError, SourceError } from "../../../src/errors.ts";
import type { RunEvent } from "../../../src/model/event.ts";
import type { SourceEntry } from "../../../src/model/file.ts";
import type { Tally } from "../../../src/model/tally.ts";
import { silentProgress } from "../../silent_progress.ts";
import { transfer, type TransferOptions } from "../../../src/sync/transfer.ts";

const writer = { tracker: "test", format: "memory" } as const;

const events: readonly RunEvent[] = [
  { type: "run", seq: 0, id: "r1", writer },
  { type: "history", seq: 1, step: 0, values: { loss: 1, accuracy: NaN } },
  {
    type: "media",
    seq: 2,
    step: 0,
    key: "picture",
    kind: "image",
    items: [{ file: { path: "files/a.png" } }],
  },
  { type: "console", seq: 3, stream: "stdout", text: "hello", line: 1 },
  { type: "finish", seq: 4, state: "finished" },
];

interface ReaderParts {
  readonly events?: readonly RunEvent[];
  readonly tail?: Tail;
  readonly failure?: Error;
}

/** A run in memory; with a failure, reading breaks behind the last event. */
function memoryRun(parts: ReaderParts = {}): RunReader {
  return {
    info: {
      source: "test",
      path: "/runs/r1",
      directory: "r1",
      id: "r1",
      writer,
    },
    tail: parts.tail,
    async *entries(): AsyncGenerator<SourceEntry> {
      yield {
        path: "files/a.png",
        kind: "file",
        bytes: 3,
        modified: 0,
        mode: 0o644,
      };
    },
    async *events(): AsyncGenerator<readonly RunEvent[]> {
      yield parts.events ?? events;
      if (parts.failure) throw parts.failure;
    },
    file(ref): Promise<ReadableStream<Uint8Array>> {
      if (ref.path !== "files/a.png") {
        return Promise.reject(new SourceError("missing"));
      }
      return Promise.resolve(new Blob(["abc"]).stream());
    },
    stamp: () => Promise.resolve("stamp"),
    [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve(),
  };
}

interface Memory extends Destination {
  readonly received: RunEvent[];
  tally: Tally | undefined;
  closed: number;
}

interface MemoryParts {
  readonly held?: Tally;
  readonly losses?: readonly Loss[];
  readonly present?: number;
  readonly failure?: "open" | "write" | "finish";
  readonly verdict?: Verdict;
}

/** A destination in memory that reads the run's picture and then does as its parts say. */
function memory(name: string, parts: MemoryParts = {}): Memory {
  const fail = (step: MemoryParts["failure"]): void => {
    if (parts.failure === step) throw new DestinationError(`${step} failed`);
  };
  const destination: Memory = {
    name,
    received: [],
    tally: undefined,
    closed: 0,
    capabilities: { assurance: "exact", keepsSource: false, keepsEvents: true },
    check: () => Promise.resolve({ name }),
    open: (run: RunFiles, key: string): Promise<RunWriter> => {
      fail("open");
      return Promise.resolve({
        remote: { id: key },
        held: parts.held,
        // deno-lint-ignore require-await
        async write(batch): Promise<Receipt> {
          fail("write");
          destination.received.push(...batch);
          return {
            through: batch.at(-1)?.seq ?? -1,
            present: parts.present ?? 0,
            losses: parts.losses ?? [],
          };
        },
        expect: () => Promise.resolve(),
        flush: () => Promise.resolve({ through: -1, present: 0, losses: [] }),
        async finish(tally): Promise<Receipt> {
          fail("finish");
          for await (const _ of await run.file({ path: "files/a.png" })) {
            continue;
          }
          destination.tally = tally;
          return { through: 4, present: 0, losses: [] };
        },
        // deno-lint-ignore require-await
        async verify(tally): Promise<Verdict> {
          destination.tally = tally;
          return parts.verdict ?? { assurance: "exact", differences: [] };
        },
        [Symbol.asyncDispose]: () => {
          destination.closed++;
          return Promise.resolve();
        },
      });
    },
  };
  return destination;
}

const context: Context = {
  signal: new AbortController().signal,
  now: () => 0,
  wait: () => Promise.resolve(),
  environment: {},
  home: "/home",
  followOutside: false,
  notice(): void {},
};

const options: TransferOptions = {
  excluded: { console: false, media: false },
  recheck: false,
  context,
  progress: silentProgress,
};

test("a run arrives at every destination from one reading, and each is verified", async () => {
  const destinations = [memory("a"), memory("b")];
  const outcomes = await transfer(memoryRun(), destinations, options);
  for (const [at, destination] of destinations.entries()) {
    assert.deepEqual(destination.received, events);
    assert.equal(destination.closed, 1);
    const outcome = outcomes[at];
    assert.equal(outcome?.status, "done");
    assert.equal(outcome.assurance, "exact");
    assert.equal(outcome.sent, 5);
    assert.equal(outcome.points, 3);
    assert.equal(outcome.files, 1);
    assert.deepEqual(outcome.events, {
      run: 1,
      history: 1,
      media: 1,
      console: 1,
      finish: 1,
    });
  }
});

test("verify gets the hash of each file as it was read, not as it was stored", async () => {
  const destination = memory("a");
  await transfer(memoryRun(), [destination], options);
  assert.deepEqual(destination.tally?.files, {
    "files/a.png": {
      bytes: 3,
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    },
  });
});

for (const failure of ["open", "write", "finish"] as const) {
  test(`a destination that fails at ${failure} does not stop the other`, async () => {
    const bad = memory("bad", { failure });
    const good = memory("good");
    const [first, second] = await transfer(memoryRun(), [bad, good], options);
    assert.equal(first?.status, "failed");
    assert.deepEqual(first.error, {
      code: "destination",
      message: `${failure} failed`,
    });
    assert.equal(first.assurance, "none");
    assert.equal(second?.status, "done");
    assert.deepEqual(good.received, events);
  });
}

test("reading that breaks in the middle fails every destination and finishes none", async () => {
  const destination = memory("a");
  const failure = new SourceError("The log cannot be read any further", {
    hint: "Try again.",
  });
  const [outcome] = await transfer(
    memoryRun({ failure }),
    [destination],
    options,
  );
  assert.equal(outcome?.status, "failed");
  assert.deepEqual(outcome.error, {
    code: "source",
    message: "The log cannot be read any further",
    hint: "Try again.",
  });
  assert.equal(destination.tally, undefined);
  assert.equal(destination.closed, 1);
});

test("a difference found by verify fails the run with the code for it", async () => {
  const verdict: Verdict = {
    assurance: "none",
    differences: ["loss has 0 points, not 1."],
  };
  const [outcome] = await transfer(
    memoryRun(),
    [memory("a", { verdict })],
    options,
  );
  assert.equal(outcome?.status, "failed");
  assert.equal(outcome.error?.code, "verify");
  assert.deepEqual(outcome.differences, verdict.differences);
});

const lossTable: readonly [Loss["kind"], "done" | "partial"][] = [
  ["unsupported", "done"],
  ["converted", "done"],
  ["rejected", "partial"],
  ["truncated", "partial"],
];
for (const [kind, status] of lossTable) {
  test(`a run with a loss of kind ${kind} is ${status}, and equal losses are counted`, async () => {
    const losses: readonly Loss[] = [
      { seq: 1, kind, reason: "too long", example: "first" },
      { seq: 2, kind, reason: "too long", example: "second" },
    ];
    const [outcome] = await transfer(
      memoryRun(),
      [memory("a", { losses })],
      options,
    );
    assert.equal(outcome?.status, status);
    assert.deepEqual(outcome.losses, [{
      kind,
      reason: "too long",
      count: 2,
      example: "first",
    }]);
  });
}

test("a gap in the source makes the run partial; an early end alone does not", async () => {
  const gap: RunEvent = {
    type: "gap",
    seq: 5,
    offset: 7,
    bytes: 9,
    reason: "bad checksum",
  };
  const [damaged] = await transfer(
    memoryRun({ events: [...events, gap] }),
    [memory("a")],
    options,
  );
  assert.equal(damaged?.status, "partial");
  assert.equal(damaged.gaps, 1);
  const tail: Tail = { offset: 7, bytes: 3, reason: "a record is cut short" };
  const [cut] = await transfer(memoryRun({ tail }), [memory("a")], options);
  assert.equal(cut?.status, "done");
  assert.deepEqual(cut.tail, tail);
});

test("what the destination holds already is skipped, and read back only with recheck", async () => {
  const first = memory("a");
  await transfer(memoryRun(), [first], options);
  assert.ok(first.tally);
  const again = memory("a", { held: first.tally });
  const [skipped] = await transfer(memoryRun(), [again], options);
  assert.equal(skipped?.status, "skipped");
  assert.equal(skipped.assurance, "accepted");
  assert.equal(skipped.sent, 0);
  assert.deepEqual(again.received, []);
  const [rechecked] = await transfer(memoryRun(), [again], {
    ...options,
    recheck: true,
  });
  assert.equal(rechecked?.status, "skipped");
  assert.equal(rechecked.assurance, "exact");
});

test("what the destination holds only by its own account is sent again on recheck", async () => {
  const first = memory("a");
  await transfer(memoryRun(), [first], options);
  assert.ok(first.tally);
  const verdict: Verdict = { assurance: "none", differences: ["loss has 0 points, not 1."] };
  const lying = memory("a", { held: first.tally, verdict });
  const [outcome] = await transfer(memoryRun(), [lying], { ...options, recheck: true });
  assert.deepEqual(lying.received, events);
  assert.equal(outcome?.error?.code, "verify");
});

test("a damaged run that is held already still tells its gaps", async () => {
  const gap: RunEvent = { type: "gap", seq: 5, offset: 7, bytes: 9, reason: "bad checksum" };
  const run = { events: [...events, gap] };
  const first = memory("a");
  await transfer(memoryRun(run), [first], options);
  assert.ok(first.tally);
  const [outcome] = await transfer(memoryRun(run), [memory("a", { held: first.tally })], options);
  assert.equal(outcome?.status, "skipped");
  assert.equal(outcome.gaps, 1);
});

test("events that were there already count as present, not as sent", async () => {
  const [outcome] = await transfer(
    memoryRun(),
    [memory("a", { present: 5 })],
    options,
  );
  assert.equal(outcome?.present, 5);
  assert.equal(outcome.sent, 0);
});

test("excluded events are left out, counted, and not part of what verify expects", async () => {
  const destination = memory("a");
  const excluded = { console: true, media: true };
  const [outcome] = await transfer(memoryRun(), [destination], {
    ...options,
    excluded,
  });
  assert.deepEqual(destination.received.map(({ type, seq }) => [type, seq]), [
    ["run", 0],
    ["history", 1],
    ["finish", 2],
  ]);
  assert.deepEqual(outcome?.excluded, { console: 1, media: 1 });
  assert.deepEqual(destination.tally?.events, {
    run: 1,
    history: 1,
    finish: 1,
  });
});

test("a cancelled transfer finishes nothing and says so", async () => {
  const controller = new AbortController();
  controller.abort();
  const destination = memory("a");
  const [outcome] = await transfer(memoryRun(), [destination], {
    ...options,
    context: { ...context, signal: controller.signal },
  });
  assert.equal(outcome?.error?.code, "cancelled");
  assert.equal(destination.tally, undefined);
  assert.equal(destination.closed, 1);
});

test("a file over the limit is refused to the destination", async () => {
  const [outcome] = await transfer(memoryRun(), [memory("a")], {
    ...options,
    maxFileSize: 2,
  });
  assert.equal(outcome?.status, "failed");
  assert.match(
    outcome.error?.message ?? "",
    /files\/a\.png: it is larger than --max-file-size/,
  );
});
