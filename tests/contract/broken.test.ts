import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../../src/adapter.ts";
import { brokenDestinations } from "./broken_destinations.ts";
import { brokenServices } from "./broken_services.ts";
import { brokenSources } from "./broken_sources.ts";
import { type Case, failures } from "./case.ts";
import { keeperKit, serviceKit, testKeeper, testService } from "./destination_kit.ts";
import { foreignPlaces, linesRun } from "./lines_run.ts";
import { lines } from "./lines_source.ts";
import { memoryPlace } from "./memory_destination.ts";
import { servicePlace } from "./memory_service.ts";
import { inScratch } from "./scratch.ts";
import { sourceCases } from "./source_kit.ts";
import type { SourceSubject } from "./source_subject.ts";

function sourceFailures(source: Source): Promise<ReadonlyMap<string, unknown>> {
  return inScratch((directory) => {
    const subject: SourceSubject = {
      source,
      sample: linesRun(directory),
      foreign: foreignPlaces(directory),
    };
    return failures(sourceCases, subject);
  });
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].sort();
}

/** The cases that nothing broken fails: they might as well not be there. */
function unproven(
  cases: readonly Case<never>[],
  broken: readonly { readonly fails: readonly string[] }[],
): readonly string[] {
  const failed = new Set(broken.flatMap(({ fails }) => fails));
  return cases.map(({ name }) => name).filter((name) => !failed.has(name));
}

test("the reference source keeps every promise", async () => {
  for (const error of (await sourceFailures(lines)).values()) throw error;
});

for (const { what, source, fails } of brokenSources) {
  test(`a source that ${what} fails the cases named for it, and no others`, async () => {
    assert.deepEqual(sorted((await sourceFailures(source)).keys()), sorted(fails));
  });
}

test("every case of the source kit is failed by a broken source", () => {
  assert.deepEqual(unproven(sourceCases, brokenSources), []);
});

testKeeper("the reference destination", () => memoryPlace());
testService("the reference service", () => servicePlace());

for (const { what, makePlace, fails } of brokenDestinations) {
  test(`a destination that ${what} fails the cases named for it, and no others`, async () => {
    const failed = await failures(keeperKit, makePlace);
    assert.deepEqual(sorted(failed.keys()), sorted(fails));
  });
}

test("every case of the kit for destinations that keep events is failed by a broken one", () => {
  assert.deepEqual(unproven(keeperKit, brokenDestinations), []);
});

for (const { what, makePlace, fails } of brokenServices) {
  test(`a service that ${what} fails the cases named for it, and no others`, async () => {
    const failed = await failures(serviceKit, makePlace);
    assert.deepEqual(sorted(failed.keys()), sorted(fails));
  });
}

test("every case of the kit for services is failed by a broken one", () => {
  assert.deepEqual(unproven(serviceKit, brokenServices), []);
});
