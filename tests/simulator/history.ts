import fc from "fast-check";
import type { Orders } from "./program.ts";
import type { Trouble, TroubleKind } from "./trouble.ts";

/** One thing that happens. Whoever cannot be meant, such as a run that is not there, is not. */
export type Command =
  | {
    readonly type: "write";
    readonly run: number;
    readonly rows: number;
    /** Whether the run ends then. */
    readonly ends: boolean;
  }
  | { readonly type: "finish" | "resume" | "copy" | "tear" | "lose"; readonly run: number }
  | { readonly type: "run"; readonly orders: Orders; readonly troubles: readonly Trouble[] }
  /** Two programs at once. */
  | {
    readonly type: "race";
    readonly orders: readonly [Orders, Orders];
    readonly troubles: readonly Trouble[];
  }
  /** Programs that stopped go on. */
  | { readonly type: "go on" }
  | { readonly type: "power cut"; readonly share: number }
  /** From now on programs run on the other node. */
  | { readonly type: "move" }
  | { readonly type: "clock"; readonly ms: number }
  | { readonly type: "edit"; readonly edit: JournalEdit };

/** What somebody does to the state directory. */
export type JournalEdit = "delete" | "drop last" | "tear last" | "repeat first" | "other host";

/** A history of the world. */
export interface History {
  /** Of the order in which programs take turns. */
  readonly seed: number;
  /** How long the service takes to show what it has; ms. */
  readonly delay: number;
  readonly commands: readonly Command[];
}

const run = fc.nat(2);
const share = fc.constantFrom(0, 0.3, 0.7, 1);
const codes = fc.constantFrom("ENOSPC", "EIO", "ESTALE", "EBUSY", "EACCES", "EROFS", "EMFILE");

const kinds: fc.Arbitrary<TroubleKind> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("kill" as const),
      when: fc.constantFrom("before", "meanwhile", "after", "after growth"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("power cut" as const), share }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("stop" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("cancel" as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("fail" as const), code: codes }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("request" as const),
      fate: fc.constantFrom("lost answer", "lost", "lie"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("meanwhile" as const),
      happens: fc.constantFrom("row", "replaced"),
    }),
  },
);

/** Steps at which more depends on what happens than at others. */
const decisive = [
  "rename",
  "rename",
  "unlink",
  "rmdir",
  "sync",
  "write",
  "link",
  "request",
  "wait",
];

const trouble: fc.Arbitrary<Trouble> = fc.record({
  at: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 400 })),
  on: fc.oneof({ weight: 1, arbitrary: fc.constant("any") }, {
    weight: 1,
    arbitrary: fc.constantFrom(...decisive),
  }),
  lasts: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, {
    weight: 1,
    arbitrary: fc.constant(true),
  }),
  kind: kinds,
});

const both = ["service", "keeper"] as const;

const orders: fc.Arbitrary<Orders> = fc.record({
  command: fc.oneof({ weight: 6, arbitrary: fc.constant("sync" as const) }, {
    weight: 3,
    arbitrary: fc.constantFrom("clean", "clean", "watch"),
  }),
  to: fc.constantFrom<Orders["to"]>(["service"], ["keeper"], both, both),
  clean: fc.constantFrom(true, true, false),
  recheck: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, {
    weight: 1,
    arbitrary: fc.constant(true),
  }),
  breakLock: fc.constant(false),
  jobs: fc.integer({ min: 1, max: 2 }),
  moves: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, {
    weight: 1,
    arbitrary: fc.constant(true),
  }),
});

const troubles = fc.array(trouble, { maxLength: 2 });

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("write" as const),
      run,
      rows: fc.integer({ min: 1, max: 4 }),
      ends: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("finish", "resume", "copy", "tear", "lose"),
      run,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ type: fc.constant("run" as const), orders, troubles }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("race" as const),
      orders: fc.tuple(orders, orders),
      troubles,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("go on" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("power cut" as const), share }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("move" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("clock" as const),
      ms: fc.constantFrom(-3_600_000, 1000, 90_000_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("edit" as const),
      edit: fc.constantFrom("delete", "drop last", "tear last", "repeat first", "other host"),
    }),
  },
);

/** Any history. */
export const history: fc.Arbitrary<History> = fc.record({
  seed: fc.nat(),
  delay: fc.constantFrom(0, 500, 2000),
  commands: fc.array(command, { minLength: 2, maxLength: 12 }),
});
