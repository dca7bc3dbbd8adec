import type { ErrorReport } from "../sync/outcome.ts";
import { escapeText } from "./escape.ts";
import type { Paint } from "./style.ts";
import { hang } from "./width.ts";

/** An error of a whole command: what cannot be done and why, then what to do. */
export function failureText(
  { message, hint }: ErrorReport,
  paint: Paint,
  columns: number,
): string {
  const lines = [
    ...hang(`${paint("red", "error:")} `, 7, escapeText(message), columns),
    ...(hint === undefined ? [] : hang("  ", 2, escapeText(hint), columns)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
