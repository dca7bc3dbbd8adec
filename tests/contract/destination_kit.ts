import { type Case, testCases } from "./case.ts";
import { deliveryCases } from "./delivery_cases.ts";
import type { MakePlace } from "./destination_subject.ts";
import { holdingCases } from "./holding_cases.ts";

/** Everything that `Destination` and `RunWriter` promise. */
export const destinationCases: readonly Case<MakePlace>[] = [...deliveryCases, ...holdingCases];

/** Registers a test for each promise of a destination. */
export function testDestination(name: string, makePlace: MakePlace): void {
  testCases(name, destinationCases, makePlace);
}
