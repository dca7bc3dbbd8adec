import { type Case, testCases } from "./case.ts";
import { deliveryCases } from "./delivery_cases.ts";
import type { MakePlace } from "./destination_subject.ts";
import { expectingCases } from "./expecting_cases.ts";
import { holdingCases } from "./holding_cases.ts";
import { keeperCases } from "./keeper_cases.ts";
import { serviceCases } from "./service_cases.ts";

/** Everything that a destination promises that keeps events. */
export const keeperKit: readonly Case<MakePlace>[] = [
  ...deliveryCases,
  ...holdingCases,
  ...keeperCases,
];

/** Everything that a destination promises that is a service. */
export const serviceKit: readonly Case<MakePlace>[] = [
  ...deliveryCases,
  ...holdingCases,
  ...serviceCases,
  ...expectingCases,
];

/** Registers a test for each promise of a destination that keeps events. */
export function testKeeper(name: string, makePlace: MakePlace): void {
  testCases(name, keeperKit, makePlace);
}

/** Registers a test for each promise of a service. */
export function testService(name: string, makePlace: MakePlace): void {
  testCases(name, serviceKit, makePlace);
}
