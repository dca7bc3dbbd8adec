import { type LosslessValue, writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { RunCard } from "./catalog.ts";
import { asFields, type Fields, listField, textField } from "./read_body.ts";
import { malformed } from "./refusal.ts";

/** A run and its config, as far as filters look at them. */
export interface Filtered {
  readonly run: RunCard;
  readonly config: LosslessValue | undefined;
}

/** Whether a value fits what a filter names; both sides are texts. */
type Test = (value: string, wanted: readonly string[]) => boolean;

const tests: { readonly [operator: string]: Test } = {
  EQ: (value, [wanted]) => value === wanted,
  NEQ: (value, [wanted]) => value !== wanted,
  GTE: (value, [wanted = ""]) => compare(value, wanted) >= 0,
  LTE: (value, [wanted = ""]) => compare(value, wanted) <= 0,
  IN: (value, wanted) => wanted.includes(value),
  "NOT IN": (value, wanted) => !wanted.includes(value),
  CONTAIN: (value, [wanted = ""]) => value.includes(wanted),
};

/**
 * The runs that all active filters of a request take, in the order of its sorts (swanlab-api §8.1).
 * @throws {Refusal} when it asks for what this host does not do: groups, values of metrics.
 */
export function selectRuns(all: readonly Filtered[], fields: Fields): readonly Filtered[] {
  const filters = active(fields, "filters");
  const sorts = active(fields, "sorts");
  if (active(fields, "groups").length > 0) throw malformed("This host does not group runs");
  const taken = all.filter((one) => filters.every((filter) => takes(filter, one)));
  return taken.sort((left, right) => {
    for (const sort of sorts) {
      const order = compare(valueOf(left, sort), valueOf(right, sort));
      if (order !== 0) return sort["order"] === "DESC" ? -order : order;
    }
    return 0;
  });
}

function active(fields: Fields, name: string): readonly Fields[] {
  if (fields[name] === undefined) return [];
  return listField(fields, name).map(asFields).filter((rule) => rule["active"] !== false);
}

function takes(filter: Fields, one: Filtered): boolean {
  const operator = textField(filter, "op");
  const test = Object.hasOwn(tests, operator) ? tests[operator] : undefined;
  if (test === undefined) throw malformed(`There is no operator ${JSON.stringify(operator)}`);
  const wanted = listField(filter, "value").map(textOf);
  if (filter["type"] !== "STABLE" || filter["key"] !== "labels") {
    return test(valueOf(one, filter), wanted);
  }
  const labels = one.run.labels.map(({ name }) => name);
  const negative = operator === "NEQ" || operator === "NOT IN";
  return negative
    ? labels.every((label) => test(label, wanted))
    : labels.some((label) => test(label, wanted));
}

/** What a rule looks at, as a text; empty when the run does not have it. */
function valueOf({ run, config }: Filtered, rule: Fields): string {
  const key = textField(rule, "key");
  switch (rule["type"]) {
    case "STABLE":
      return textOf(new Map(Object.entries({ ...run, "user.username": run.user })).get(key) ?? "");
    case "CONFIG":
      return textOf(configValue(config, key) ?? "");
    default:
      throw malformed(`This host does not look at values of type ${String(rule["type"])}`);
  }
}

function configValue(config: LosslessValue | undefined, key: string): unknown {
  const fields = new Map<string, unknown>(Object.entries(config ?? {}));
  const field = fields.get(key);
  return typeof field === "object" && field !== null && "value" in field ? field.value : field;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : writeLosslessJson(value);
}

/** Numbers by size, everything else as text. */
function compare(left: string, right: string): number {
  const difference = left === "" || right === "" ? NaN : Number(left) - Number(right);
  if (!Number.isNaN(difference)) return difference;
  return left < right ? -1 : left > right ? 1 : 0;
}
