import { Digest } from "../model/digest.ts";
import type { MetricTally, Tally } from "../model/tally.ts";

/** Differences beyond these are only counted. */
const mostNamed = 20;

/**
 * What of `expected` is not the same in `held`, in full sentences; empty when nothing is. Files
 * that only `held` has do not count.
 */
export function tallyDifferences(expected: Tally, held: Tally): string[] {
  const differences = [
    ...eventDifferences(expected, held),
    ...metricDifferences("Metric", expected.metrics, held.metrics),
    ...metricDifferences("System metric", expected.system, held.system),
    ...consoleDifferences(expected, held),
    ...fileDifferences(expected, held),
  ];
  if (differences.length === 0 && expected.digest !== held.digest) {
    differences.push("The events are not the same, or not in the same order.");
  }
  const more = differences.length - mostNamed;
  if (more <= 0) return differences;
  return [...differences.slice(0, mostNamed), `And ${more} more differences.`];
}

function* eventDifferences(expected: Tally, held: Tally): Generator<string> {
  const counts = new Map(Object.entries(held.events));
  for (const [type, count] of Object.entries(expected.events)) {
    const found = counts.get(type) ?? 0;
    counts.delete(type);
    if (found !== count) {
      yield `${count} ${type} events were delivered, ${found} are held.`;
    }
  }
  for (const [type, count] of counts) {
    if (count > 0) yield `No ${type} event was delivered, ${count} are held.`;
  }
}

function* metricDifferences(
  what: string,
  expected: Tally["metrics"],
  held: Tally["metrics"],
): Generator<string> {
  for (const [key, metric] of Object.entries(expected)) {
    const name = `${what} ${JSON.stringify(key)}`;
    const found = Object.hasOwn(held, key) ? held[key] : undefined;
    if (found === undefined) yield `${name} is not held.`;
    else yield* pointDifferences(name, metric, found);
  }
  for (const key of Object.keys(held)) {
    if (Object.hasOwn(expected, key)) continue;
    yield `${what} ${JSON.stringify(key)} is held but was not delivered.`;
  }
}

function* pointDifferences(
  name: string,
  expected: MetricTally,
  held: MetricTally,
): Generator<string> {
  const { points, firstStep, lastStep } = expected;
  if (held.points !== points) {
    yield `${name}: ${points} points were delivered, ${held.points} are held.`;
  } else if (held.firstStep !== firstStep || held.lastStep !== lastStep) {
    yield `${name}: steps ${firstStep} to ${lastStep} were delivered, ` +
      `${held.firstStep} to ${held.lastStep} are held.`;
  } else if (
    held.digest !== expected.digest ||
    digest(held.last) !== digest(expected.last)
  ) yield `${name}: the values held are not the ones delivered.`;
}

function* consoleDifferences(expected: Tally, held: Tally): Generator<string> {
  const { lines, digest } = expected.console;
  if (held.console.lines !== lines) {
    yield `${lines} console lines were delivered, ${held.console.lines} are held.`;
  } else if (held.console.digest !== digest) {
    yield "The console lines held are not the ones delivered.";
  }
}

function* fileDifferences(expected: Tally, held: Tally): Generator<string> {
  for (const [path, file] of Object.entries(expected.files)) {
    const found = Object.hasOwn(held.files, path) ? held.files[path] : undefined;
    const name = `File ${JSON.stringify(path)}`;
    if (found === undefined) yield `${name} is not held.`;
    else if (found.bytes !== file.bytes) {
      yield `${name}: ${file.bytes} bytes were delivered, ${found.bytes} are held.`;
    } else if (found.sha256 !== file.sha256) {
      yield `${name}: the content held is not the one delivered.`;
    }
  }
}

function digest(value: unknown): string {
  return new Digest().value(value).hex();
}
