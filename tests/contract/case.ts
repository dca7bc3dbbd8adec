import { test } from "node:test";

/** One promise of a contract, checked on one subject. */
export interface Case<Subject> {
  /** A sentence about what an adapter does. */
  readonly name: string;
  /** Rejects when the subject does not keep the promise. */
  run(subject: Subject): Promise<void>;
}

/** Registers every case as a test. */
export function testCases<Subject>(
  title: string,
  cases: readonly Case<Subject>[],
  subject: Subject,
): void {
  for (const { name, run } of cases) test(`${title}: ${name}`, () => run(subject));
}

/** What the cases that a subject fails were rejected with, by the name of the case. */
export async function failures<Subject>(
  cases: readonly Case<Subject>[],
  subject: Subject,
): Promise<ReadonlyMap<string, unknown>> {
  const failed = new Map<string, unknown>();
  for (const { name, run } of cases) {
    await run(subject).catch((error: unknown) => failed.set(name, error));
  }
  return failed;
}
