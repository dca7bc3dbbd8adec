import { inspect } from "node:util";

/** What stands for a secret wherever it would be printed. */
const cover = "[secret]";

/** A text that no message, log or JSON can show: printing it gives "[secret]". */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.defineProperty(this, inspect.custom, { value: () => cover });
  }

  /** The text itself, for the one who may know it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return cover;
  }

  toJSON(): string {
    return cover;
  }
}
