/**
 * What a terminal would act on or hide: control characters, separators of lines, marks that change
 * the direction of writing, and halves of surrogate pairs.
 */
const unsafe =
  /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

const short: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/**
 * Makes text from a run safe to show: whatever could move the cursor, colour, forge or reorder
 * what the user sees is spelled out ("\x1b", "\u202e"). Everything else stays as it is.
 */
export function escapeText(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const known = short.get(character);
    if (known !== undefined) return known;
    const digits = code.toString(16);
    if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\u{${digits}}`;
  });
}

/** Sequences that only change colours and weights. */
const colours = /\p{Cc}\[[\d;]*m/gu;

/** Text that a program wrote to its terminal, safe to show and without its colours. */
export function escapeConsole(text: string): string {
  return escapeText(text.replace(colours, ""));
}
