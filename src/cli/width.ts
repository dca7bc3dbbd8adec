/** First and last code points that take two columns: East Asian wide and full width. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd],
];

const combining = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const emoji = /^\p{Emoji_Presentation}$/u;

/** Columns that one character (a whole code point) takes on a terminal: 0, 1 or 2. */
function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (combining.test(character)) return 0;
  const isWide = wide.some(([first, last]) => code >= first && code <= last);
  return isWide || emoji.test(character) ? 2 : 1;
}

/** Columns that a text without control characters takes on a terminal. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text, cut to at most `columns` with "…" at the cut. */
export function truncate(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return columns < 1 ? "" : `${kept}…`;
}

/** The text, cut in its middle to at most `columns`, so that both ends of a path stay. */
export function truncateMiddle(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 3) return truncate(text, columns);
  const head = truncate(text, Math.ceil((columns - 1) / 2) + 1);
  const room = columns - textWidth(head);
  const tail: string[] = [];
  let width = 0;
  for (const character of [...text].reverse()) {
    width += characterWidth(character);
    if (width > room) break;
    tail.unshift(character);
  }
  return head + tail.join("");
}

/** The text with spaces behind it up to `columns`; unchanged when it is longer. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

/** The text with spaces before it up to `columns`; unchanged when it is longer. */
export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - textWidth(text))) + text;
}

/**
 * Breaks text at spaces into lines of at most `columns`; a word that is longer stays whole. With
 * Infinity it is one line.
 */
export function wrap(text: string, columns: number): readonly string[] {
  if (textWidth(text) <= columns) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || textWidth(longer) <= columns) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/**
 * Text behind `front`, which takes `width` columns, broken so that every line of the text begins
 * where the first does.
 */
export function hang(
  front: string,
  width: number,
  text: string,
  columns: number,
): readonly string[] {
  const [first = "", ...rest] = wrap(text, columns - width);
  return [front + first, ...rest.map((line) => " ".repeat(width) + line)];
}
