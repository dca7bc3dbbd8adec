import { readFileSync } from "node:fs";
import { Ajv } from "ajv";

/** A parsed line of JSON output. */
export interface Line {
  readonly [field: string]: unknown;
}

const schema = JSON.parse(
  readFileSync(new URL("../../docs/json.schema.json", import.meta.url), "utf8"),
);
const ajv = new Ajv({ strictTypes: false });
ajv.addSchema(schema, "lines");

/** Kinds of lines that the schema describes. */
export type LineKind =
  | "syncLine"
  | "verifyLine"
  | "cleanLine"
  | "lsLine"
  | "showLine"
  | "accountLine"
  | "serveLine"
  | "event";

/**
 * Parses JSON Lines.
 * @throws {Error} when a line is not what the schema says.
 */
export function parseLines(text: string, kind: LineKind): readonly Line[] {
  const validate = ajv.getSchema(`lines#/definitions/${kind}`);
  if (validate === undefined) throw new Error(`The schema has no ${kind}`);
  if (text !== "" && !text.endsWith("\n")) throw new Error("The last line has no end");
  return text.split("\n").slice(0, -1).map((line) => {
    const value = JSON.parse(line);
    if (!validate(value)) {
      throw new Error(`${ajv.errorsText(validate.errors)}: ${line.slice(0, 500)}`);
    }
    return value;
  });
}
