/** All digits of a step: as a number 2^60 would be written with zeros at its end. */
export function stepText(step: number): string {
  return step < 2 ** 53 ? String(step) : BigInt(step).toString();
}
