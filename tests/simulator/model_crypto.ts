/** Stands in for node:crypto: what is random is the same each time. */
import { createHash, type Hash } from "node:crypto";
import { self } from "./model_fs.ts";

/** Something that no other call returns. */
function randomUUID(): string {
  return self().machine.unique();
}

// What programs import of the module that this one stands in for.
export { createHash, type Hash, randomUUID };
