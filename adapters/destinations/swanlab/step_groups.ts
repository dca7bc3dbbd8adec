/** Steps at equal distances: the first, the last, and how far they are apart. */
export type StepRange = readonly [first: number, last: number, distance: number];

/** Which steps a host, or a part of a run, has of a key. */
export interface Steps {
  has(step: number): boolean;
  /** In any order. */
  ranges(): Iterable<StepRange>;
}

/** Keys that have the same steps, as the metadata of a run keep them. */
export interface StepGroup {
  readonly steps: readonly StepRange[];
  readonly keys: readonly string[];
}

/** Every step up to the last one. */
export function upTo(last: number): Steps {
  return { has: (step) => step <= last, ranges: () => last < 0 ? [] : [[0, last, 1]] };
}

/** Steps that were kept as ranges, of which those of more than one step do not overlap. */
class KeptSteps implements Steps {
  readonly #ranges: readonly StepRange[];
  readonly #single: ReadonlySet<number>;
  /** In ascending order. */
  readonly #long: readonly StepRange[];

  constructor(ranges: readonly StepRange[]) {
    this.#ranges = ranges;
    const isLong = ([first, last]: StepRange): boolean => last > first;
    this.#single = new Set(ranges.filter((range) => !isLong(range)).map(([first]) => first));
    this.#long = ranges.filter(isLong).toSorted(([left], [right]) => left - right);
  }

  has(step: number): boolean {
    if (this.#single.has(step)) return true;
    let low = 0;
    let high = this.#long.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#long[middle]?.[0] ?? Infinity) <= step) low = middle + 1;
      else high = middle;
    }
    const [first = NaN, last = NaN, distance = NaN] = this.#long[low - 1] ?? [];
    return step === last || step < last && (step - first) % distance === 0;
  }

  ranges(): readonly StepRange[] {
    return this.#ranges;
  }
}

/** Every step, one by one. */
export function* stepsIn(steps: Steps): Generator<number> {
  for (const [first, last, distance] of steps.ranges()) {
    const count = distance === 0 ? 0 : Math.round((last - first) / distance);
    for (let place = 0; place <= count; place++) yield first + place * distance;
  }
}

/** The steps of each key in some groups. */
export function byKey(groups: readonly StepGroup[]): ReadonlyMap<string, Steps> {
  return new Map(groups.flatMap(({ steps, keys }) => {
    const shared = new KeptSteps(steps);
    return keys.map((key) => [key, shared] as const);
  }));
}

/** Groups keys with equal steps; only steps from `from` on count. */
export function inGroups(
  steps: ReadonlyMap<string, Steps>,
  from: number = -Infinity,
): readonly StepGroup[] {
  const groups = new Map<string, { readonly steps: readonly StepRange[]; keys: string[] }>();
  for (const [key, each] of steps) {
    const ranges = [...each.ranges()].flatMap((range) => restOf(range, from));
    if (ranges.length === 0) continue;
    const name = JSON.stringify(ranges);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { steps: ranges, keys: [key] });
    else group.keys.push(key);
  }
  return [...groups.values()];
}

/** What of a range is not below a step. */
function restOf([first, last, distance]: StepRange, from: number): readonly StepRange[] {
  if (last < from) return [];
  if (first >= from) return [[first, last, distance]];
  const skipped = distance === 0 ? 0 : Math.ceil((from - first) / distance);
  return [[first + skipped * distance, last, distance]];
}
