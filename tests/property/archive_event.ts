import fc from "fast-check";
import type { RunEvent } from "../../src/model/event.ts";
import type { Integer, Json } from "../../src/model/json.ts";

const hostileKeys = ["__proto__", "constructor", "toString", "", "0", "1", "a.b", "a/b", "\ud800"];

/** Any text, lone surrogates and control characters included. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(...hostileKeys, "x".repeat(300)),
);

/** Integers beyond 2^53 are bigint, as the model has them; some take more than 64 bits. */
const huge: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -(2n ** 200n), max: -(2n ** 53n) }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 65n }),
);

const number: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer({ min: -200, max: 300 }),
  fc.constantFrom(NaN, -0, 0, Infinity, -Infinity, 2 ** 53, -(2 ** 63), 2 ** 64),
);

const integer: fc.Arbitrary<Integer> = fc.oneof(fc.maxSafeInteger(), huge, fc.constant(-0));

/** An object with any keys; `__proto__` is one of them. */
function record<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<{ [key: string]: Value }> {
  const keys = fc.oneof(fc.constantFrom("loss", "accuracy", ...hostileKeys), text);
  return fc.array(fc.tuple(keys, value), { maxLength: 6 }).map((pairs) => {
    const object: { [key: string]: Value } = {};
    for (const [key, value] of pairs) {
      Object.defineProperty(object, key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return object;
  });
}

const values = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    number,
    text,
    huge,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("json"), { maxLength: 4 }),
    record(tie("json")),
  ),
}));

/** Any value that JSON-like data can hold. */
export const json: fc.Arbitrary<Json> = values.json;

const object = record(json);
const list = fc.array(json, { maxLength: 4 });
const time = fc.option(fc.oneof(fc.double({ noNaN: true }), fc.nat()), { nil: undefined });
const file = fc.record({ path: text, bytes: fc.nat() }, {
  requiredKeys: ["path"],
  noNullPrototype: true,
});
const item = fc.record({ file, text, caption: text, data: json }, {
  requiredKeys: [],
  noNullPrototype: true,
});

/** A record with all its properties. */
function all(properties: { readonly [name: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<object> {
  return fc.record(properties, { noNullPrototype: true });
}

/** Events of every type, without their place in the run. */
const unnumbered: fc.Arbitrary<object> = fc.oneof(
  {
    weight: 6,
    arbitrary: all({
      type: fc.constant("history"),
      time,
      step: integer,
      values: fc.oneof(record(number), record(fc.oneof(number, text, huge, list))),
    }),
  },
  all({ type: fc.constant("system"), time, values: record(number) }),
  all({ type: fc.constant("config"), set: object, remove: fc.array(fc.array(text)) }),
  all({ type: fc.constant("summary"), time, set: object }),
  all({
    type: fc.constant("media"),
    step: integer,
    key: text,
    kind: text,
    items: fc.array(item),
  }),
  all({ type: fc.constant("console"), stream: fc.constant("stdout"), text, line: fc.nat() }),
  all({ type: fc.constant("unknown"), record: fc.oneof(fc.nat(), text), bytes: fc.nat() }),
  all({ type: fc.constant("environment"), metadata: object, requirements: text }),
);

/** Any events in a row, numbered from 0. */
export const events: fc.Arbitrary<readonly RunEvent[]> = fc.array(unnumbered, { maxLength: 60 })
  .map((list) => list.map((event, seq) => clean({ ...event, seq })));

/** Without the properties that are undefined, as readers give them. */
function clean(event: object): RunEvent {
  return Object.fromEntries(
    Object.entries(event).filter(([, value]) => value !== undefined),
  ) as unknown as RunEvent;
}
