/** Counts of values between edges, of which there is one more. */
export interface Bins {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Most bins that a chart gets. */
const mostBins = 100;

/** Counts values in bins of equal width; without a number of bins, by Sturges' rule. */
export function binned(values: readonly number[], wanted?: number): Bins {
  const finite = values.filter((value) => Number.isFinite(value));
  let least = Infinity;
  let most = -Infinity;
  for (const value of finite) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (finite.length === 0) return { edges: [0, 1], counts: [0] };
  const size = Math.min(mostBins, wanted ?? Math.ceil(Math.log2(finite.length)) + 1);
  const number = least === most ? 1 : Math.max(1, Math.trunc(size));
  const width = least === most ? 1 : (most - least) / number;
  const counts = Array.from({ length: number }, () => 0);
  for (const value of finite) {
    const bin = Math.min(number - 1, Math.floor((value - least) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: number + 1 }, (_, at) => least + at * width), counts };
}
