const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** The name of a colour or weight. */
export type Style = keyof typeof codes;

/** Puts text into a style. */
export type Paint = (style: Style, text: string) => string;

/** Paints with terminal sequences, or not at all. */
export function painter(colour: boolean): Paint {
  if (!colour) return (_style, text) => text;
  return (style, text) => text === "" ? "" : `\x1b[${codes[style]}m${text}\x1b[0m`;
}
