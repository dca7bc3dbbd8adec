import { Buffer } from "node:buffer";
import type { SqliteValue } from "./sqlite_record.ts";

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** Whether it stands for the rowid, so that its stored value is null. */
  readonly isRowid: boolean;
  /** What rows written before the column was added have: its literal default, or null. */
  readonly initial: SqliteValue;
}

type Token = {
  readonly kind: "word" | "quoted" | "string" | "blob" | "number" | "mark";
  readonly text: string;
};

const tokenPattern =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[xX]'([0-9a-fA-F]*)'|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|([\p{L}\p{N}_$\u0080-\uffff]+)|([\s\S])/gu;

/**
 * The columns that a CREATE TABLE statement declares, but for those that are computed and not
 * stored; `rowless` for WITHOUT ROWID tables.
 */
export function parseColumns(
  sql: string,
): { readonly columns: readonly Column[]; readonly rowless: boolean } {
  const tokens = tokenize(sql);
  const open = tokens.findIndex((token) => isMark(token, "("));
  const parts = splitParts(tokens.slice(open + 1));
  const rest = parts.after.filter(({ kind }) => kind === "word")
    .map(({ text }) => text.toUpperCase());
  const definitions = parts.inside.filter((part) => !isTableConstraint(part) && !isComputed(part));
  const alias = rowidConstraint(parts.inside.filter(isTableConstraint));
  return {
    columns: definitions.map((part) => column(part, alias)),
    rowless: rest.includes("WITHOUT") && rest.includes("ROWID"),
  };
}

function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const found of sql.matchAll(tokenPattern)) {
    const [, blob, string, double, tick, bracket, number, word, mark] = found;
    if (blob !== undefined) tokens.push({ kind: "blob", text: blob });
    else if (string !== undefined) {
      tokens.push({ kind: "string", text: string.replaceAll("''", "'") });
    } else if (double !== undefined) {
      tokens.push({ kind: "quoted", text: double.replaceAll('""', '"') });
    } else if (tick !== undefined) {
      tokens.push({ kind: "quoted", text: tick.replaceAll("``", "`") });
    } else if (bracket !== undefined) {
      tokens.push({ kind: "quoted", text: bracket });
    } else if (number !== undefined) {
      tokens.push({ kind: "number", text: number });
    } else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (mark !== undefined) tokens.push({ kind: "mark", text: mark });
  }
  return tokens;
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === "mark" && token.text === text;
}

function isWord(token: Token | undefined, ...texts: string[]): boolean {
  return token?.kind === "word" && texts.includes(token.text.toUpperCase());
}

/** Splits what follows the opening parenthesis at its commas, up to the closing one. */
function splitParts(
  tokens: readonly Token[],
): { readonly inside: Token[][]; readonly after: readonly Token[] } {
  const inside: Token[][] = [];
  let part: Token[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (isMark(token, "(")) depth++;
    if (isMark(token, ")") && depth-- === 0) {
      inside.push(part);
      return { inside, after: tokens.slice(index + 1) };
    }
    if (depth === 0 && isMark(token, ",")) {
      inside.push(part);
      part = [];
    } else part.push(token);
  }
  inside.push(part);
  return { inside, after: [] };
}

function isTableConstraint([first]: readonly Token[]): boolean {
  return first === undefined ||
    isWord(first, "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN");
}

/** Whether a column is generated, and virtual: its values are not stored. */
function isComputed(part: readonly Token[]): boolean {
  const at = part.findIndex((token, index) =>
    index > 0 && isWord(token, "AS") && isMark(part[index + 1], "(")
  );
  return at > 0 && !isWord(part.at(-1), "STORED");
}

/** The one column that `PRIMARY KEY (column)` names, in lower case. */
function rowidConstraint(
  constraints: readonly (readonly Token[])[],
): string | undefined {
  for (const part of constraints) {
    const at = part.findIndex((token) => isWord(token, "PRIMARY"));
    if (at < 0) continue;
    const open = part.findIndex((token) => isMark(token, "("));
    const several = part.some((token) => isMark(token, ","));
    if (open >= 0 && !several) return part[open + 1]?.text.toLowerCase();
  }
  return undefined;
}

const typeEnds = [
  "CONSTRAINT",
  "PRIMARY",
  "NOT",
  "NULL",
  "UNIQUE",
  "CHECK",
  "DEFAULT",
  "COLLATE",
  "REFERENCES",
  "GENERATED",
  "AS",
];

function column(part: readonly Token[], alias: string | undefined): Column {
  const [first, ...rest] = part;
  const name = first?.text ?? "";
  const end = rest.findIndex((token) => isWord(token, ...typeEnds));
  const type = rest.slice(0, end < 0 ? rest.length : end)
    .map(({ text }) => text.toUpperCase()).join(" ");
  const primary = rest.findIndex((token) => isWord(token, "PRIMARY"));
  const descending = isWord(rest[primary + 2], "DESC");
  const own = primary >= 0 && !descending;
  const isRowid = type === "INTEGER" && (own || alias === name.toLowerCase());
  return { name, isRowid, initial: initialValue(rest) };
}

function initialValue(rest: readonly Token[]): SqliteValue {
  const at = rest.findIndex((token) => isWord(token, "DEFAULT"));
  if (at < 0) return null;
  const tokens = rest.slice(at + 1).filter((token) => !isMark(token, "(") && !isMark(token, "+"));
  const negative = isMark(tokens[0], "-");
  const token = tokens[negative ? 1 : 0];
  if (token === undefined) return null;
  switch (token.kind) {
    case "number":
      return numeric((negative ? "-" : "") + token.text);
    case "blob":
      return Uint8Array.from(Buffer.from(token.text, "hex"));
    case "string":
    case "quoted":
      return token.text;
    default:
      return isWord(token, "TRUE") ? 1 : isWord(token, "FALSE") ? 0 : null;
  }
}

function numeric(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? value : BigInt(text);
}
