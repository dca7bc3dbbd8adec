import type { Source } from "../../src/adapter.ts";
import { sep } from "node:path";
import { type Case, testCases } from "./case.ts";
import { damageCases } from "./source_damage_cases.ts";
import { eventCases } from "./source_event_cases.ts";
import { fileCases } from "./source_file_cases.ts";
import { linkCases } from "./source_link_cases.ts";
import type { Sample, SourceSubject } from "./source_subject.ts";

/** Everything that `Source` and `RunReader` promise. */
export const sourceCases: readonly Case<SourceSubject>[] = [
  ...eventCases,
  ...fileCases,
  ...linkCases,
  ...damageCases,
];

/**
 * Registers a test for each promise of a source and each sample. `foreign` are places that are none
 * of its own, such as the runs of other trackers.
 */
export function testSource(
  source: Source,
  samples: readonly Sample[],
  foreign: readonly string[],
): void {
  for (const sample of samples) {
    const title = `${source.name}, ${sample.path.split(sep).slice(-4).join("/")}`;
    testCases(title, sourceCases, { source, sample, foreign });
  }
}
