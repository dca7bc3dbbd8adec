import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CleanFacts, decide, type DestinationFacts } from "../../src/sync/clean_decision.ts";

const proven: DestinationFacts = {
  name: "swanlab",
  ownJournal: true,
  locked: true,
  acknowledged: true,
  alike: true,
  lossless: true,
  verifiedLast: true,
  equal: true,
  assurance: "counted",
  required: "counted",
};

const allHold: CleanFacts = {
  recognised: true,
  plainDirectory: true,
  inside: true,
  alone: true,
  finished: true,
  undamaged: true,
  quiet: true,
  unchanged: true,
  nothingExcluded: true,
  accounted: true,
  dispensable: true,
  age: 5_000,
  minAge: 5_000,
  destinations: [proven],
};

/** What can be wrong with a run: a change of its facts. */
type Flaw = readonly [string, (facts: CleanFacts) => CleanFacts];

function runFlaws(): readonly Flaw[] {
  const names = Object.entries(allHold).filter(([, value]) => value === true);
  return names.flatMap(([name]) =>
    [false, undefined].map((value): Flaw => [
      `${name} is ${value}`,
      (facts) => ({ ...facts, [name]: value }),
    ])
  );
}

const ageFlaws: readonly Flaw[] = [undefined, NaN, -1, 4_999, -Infinity].map((age) => [
  `age is ${age}`,
  (facts) => ({ ...facts, age }),
]);

const proofFlaws: readonly (readonly [string, Partial<DestinationFacts>])[] = [
  ...Object.entries(proven).filter(([, value]) => value === true).flatMap(([name]) =>
    [false, undefined].map((value) => [`${name} is ${value}`, { [name]: value }] as const)
  ),
  ["assurance is unknown", { assurance: undefined }],
  ["assurance is none", { assurance: "none" }],
  ["assurance is accepted", { assurance: "accepted" }],
  ["exact is required", { required: "exact" }],
  ["nothing is required", { required: "none", assurance: "exact" }],
];

const destinationFlaws: readonly Flaw[] = proofFlaws.map(([name, change]) => [
  name,
  (facts) => ({
    ...facts,
    destinations: facts.destinations.map((destination, at) =>
      at === facts.destinations.length - 1 ? { ...destination, ...change } : destination
    ),
  }),
]);

const flaws: readonly Flaw[] = [
  ...runFlaws(),
  ...ageFlaws,
  ...destinationFlaws,
  ["minAge is NaN", (facts) => ({ ...facts, minAge: NaN })],
  ["there is no destination", (facts) => ({ ...facts, destinations: [] })],
];

test("a run of which everything is known and holds may go", () => {
  assert.deepEqual(decide(allHold), { clean: true });
});

test("a better proof than required is a proof", () => {
  const destinations = [{ ...proven, assurance: "exact" } as const];
  assert.deepEqual(decide({ ...allHold, destinations }), { clean: true });
});

for (const [name, change] of flaws) {
  test(`a run may not go when ${name}, and one full sentence says why`, () => {
    const decision = decide(change(allHold));
    assert.equal(decision.clean, false);
    assert.equal(decision.reasons.length, 1);
    assert.match(decision.reasons[0] ?? "", /^\S.*\.$/);
  });
}

test("however facts are combined, a run may go only when none of them is flawed", () => {
  fc.assert(fc.property(
    fc.subarray([...flaws]),
    fc.integer({ min: 1, max: 4 }),
    (chosen, count) => {
      const sound = { ...allHold, destinations: Array.from({ length: count }, () => proven) };
      const facts = chosen.reduce<CleanFacts>((facts, [, change]) => change(facts), sound);
      assert.equal(decide(facts).clean, chosen.length === 0);
    },
  ));
});

test("any fact of any kind at all gives a yes only if it equals the one that holds", () => {
  const fact = fc.constantFrom(true, true, true, true, true, true, true, true, false, undefined);
  const assurance = fc.constantFrom("none", "accepted", "counted", "exact", undefined);
  const booleans = (of: object): { readonly [name: string]: fc.Arbitrary<boolean | undefined> } =>
    Object.fromEntries(
      Object.entries(of).filter(([, value]) => value === true).map(([name]) => [name, fact]),
    );
  const destination = fc.record({
    name: fc.string(),
    required: fc.constantFrom("counted", "exact"),
    assurance,
    ...booleans(proven),
  });
  const facts = fc.record({
    age: fc.option(fc.double(), { nil: undefined }),
    minAge: fc.constantFrom(0, 1, 86_400_000),
    destinations: fc.array(destination, { maxLength: 3 }),
    ...booleans(allHold),
  });
  const held = (given: object, names: object): boolean =>
    Object.entries(names).every(([name, value]) =>
      value !== true || Reflect.get(given, name) === true
    );
  fc.assert(
    fc.property(facts, (given) => {
      const destinations = given.destinations;
      const expected = held(given, allHold) && given.age !== undefined && given.age >= 0 &&
        given.age >= given.minAge && destinations.length > 0 &&
        destinations.every((each) =>
          held(each, proven) &&
          (each.assurance === "exact" ||
            each.assurance === "counted" && each.required === "counted")
        );
      assert.equal(decide(given as unknown as CleanFacts).clean, expected);
    }),
    { numRuns: 2_000 },
  );
});
