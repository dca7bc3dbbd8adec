import { isObject, type Json, type JsonArray, type JsonObject, setKey } from "../model/json.ts";

/**
 * A value as standard JSON can say it: NaN, the infinities and -0 become `{"number": "NaN"}`,
 * bigint `{"integer": "12…"}`, and an object `{"object": {…}}` so that it is none of these.
 */
export function toExactJson(value: Json): Json {
  if (typeof value === "bigint") return { integer: value.toString() };
  if (typeof value === "number") {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { number: Object.is(value, -0) ? "-0" : String(value) };
  }
  if (Array.isArray(value)) return value.map(toExactJson);
  if (!isObject(value)) return value;
  const properties: { [key: string]: Json } = {};
  for (const [key, property] of Object.entries(value)) {
    setKey(properties, key, toExactJson(property));
  }
  return { object: properties };
}

/** The value that {@link toExactJson} made this from; undefined when it made it from none. */
export function fromExactJson(json: Json): Json | undefined {
  if (Array.isArray(json)) return fromExactArray(json);
  if (!isObject(json)) return json;
  const { integer, number, object } = json;
  if (typeof integer === "string") {
    return /^-?\d{1,10000}$/.test(integer) ? BigInt(integer) : undefined;
  }
  if (typeof number === "string") return Number(number);
  return isObject(object) ? fromExactObject(object) : undefined;
}

function fromExactArray(json: JsonArray): Json | undefined {
  const values: Json[] = [];
  for (const item of json) {
    const value = fromExactJson(item);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function fromExactObject(json: JsonObject): Json | undefined {
  const properties: { [key: string]: Json } = {};
  for (const [key, property] of Object.entries(json)) {
    const value = fromExactJson(property);
    if (value === undefined) return undefined;
    setKey(properties, key, value);
  }
  return properties;
}
