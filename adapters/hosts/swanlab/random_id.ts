import { randomInt } from "node:crypto";

const lower = "0123456789abcdefghijklmnopqrstuvwxyz";
const letters = `${lower}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;

/** An id as SwanLab gives them to projects and runs: 21 lower-case letters and digits. */
export function randomId(): string {
  return pick(lower);
}

/** A key that every official client takes: 21 letters and digits. */
export function randomKey(): string {
  return pick(letters);
}

function pick(alphabet: string): string {
  return Array.from({ length: 21 }, () => alphabet[randomInt(alphabet.length)]).join("");
}
