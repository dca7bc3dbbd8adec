/** A text for a value that tells -0, NaN, infinities and bigint from everything else. */
export function exactText(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === "bigint") return `${part}n`;
    if (typeof part === "number" && !Number.isFinite(part)) return `${part}`;
    if (Object.is(part, -0)) return "-0";
    return typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort())
      : part;
  });
}

/** The first few places where two lists differ; whole lists are too long to be printed. */
export function differences(
  actual: readonly unknown[],
  expected: readonly unknown[],
): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < Math.max(actual.length, expected.length) && found.length < 10; at++) {
    const [left, right] = [textAt(actual, at), textAt(expected, at)];
    if (left !== right) found.push(`${at}: ${left.slice(0, 500)}, expected ${right.slice(0, 500)}`);
  }
  return found;
}

/** The same, whatever the order. */
export function unorderedDifferences(
  actual: readonly unknown[],
  expected: readonly unknown[],
): readonly string[] {
  const sorted = (values: readonly unknown[]): readonly string[] => values.map(exactText).sort();
  return differences(sorted(actual), sorted(expected));
}

function textAt(values: readonly unknown[], at: number): string {
  if (at >= values.length) return "nothing";
  const value = values[at];
  return typeof value === "string" ? value : exactText(value);
}
