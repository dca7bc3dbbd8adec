import { openDestination } from "../../adapters/mod.ts";
import type { Destination } from "../adapter.ts";
import { UsageError } from "../errors.ts";

/**
 * The destinations that `--to` names.
 * @throws {UsageError} when there is none, or one is named twice.
 */
export function openDestinations(
  names: readonly string[],
  keepSource: boolean,
): readonly Destination[] {
  if (names.length === 0) {
    throw new UsageError("There is no destination", {
      hint: "Say where the runs should go with --to, such as --to ./archive.",
    });
  }
  const destinations = names.map((name) => openDestination(name, { keepSource }));
  const known = new Set<string>();
  for (const { name } of destinations) {
    if (known.has(name)) {
      throw new UsageError(`${name} is named twice`, {
        hint: "Name each destination once.",
      });
    }
    known.add(name);
  }
  return destinations;
}
