import type { LosslessObject, LosslessValue } from "../codec/lossless_json.ts";
import { parsePythonYaml } from "../codec/python_yaml.ts";
import { ConfigError } from "../errors.ts";
import { readConfigFile } from "./config_file.ts";

/** The settings that concern a host and where runs go to, as the official client names them. */
export type SettingName =
  | "api_host"
  | "web_host"
  | "api_key"
  | "project.name"
  | "project.workspace"
  | "run.id";

const names: readonly SettingName[] = [
  "api_host",
  "web_host",
  "api_key",
  "project.name",
  "project.workspace",
  "run.id",
];

/**
 * What a YAML file of the official client sets (SwanLab 0.10.3); undefined when there is no file.
 * @throws {ConfigError} when it cannot be read or understood. The message quotes nothing of it.
 */
export async function readSettingsFile(
  path: string,
): Promise<ReadonlyMap<SettingName, string> | undefined> {
  const text = await readConfigFile(path);
  if (text === undefined) return undefined;
  const document = parseYaml(path, text);
  const found = new Map<SettingName, string>();
  for (const name of names) {
    const value = at(document, name);
    if (value === undefined || value === null || value === "") continue;
    if (typeof value !== "string") {
      throw new ConfigError(`${name} in ${path} is not a text`, {
        hint: "Put quotes around it.",
      });
    }
    found.set(name, value.trim());
  }
  return found;
}

/** The messages of a parser may quote the file, which may hold a key, so they are not passed on. */
function parseYaml(path: string, text: string): LosslessValue {
  const { value, complete } = parsePythonYaml(text);
  if (!complete) throw notUnderstood(path, "it is not YAML");
  if (value === null || isObject(value)) return value;
  throw notUnderstood(path, "it is not a list of names and values");
}

function notUnderstood(path: string, why: string): ConfigError {
  return new ConfigError(`${path} cannot be understood: ${why}`, {
    hint: "Repair it or move it away; SwanLab's own client reads it too.",
  });
}

/** The value at a path of names; undefined when it is not there. */
function at(value: LosslessValue, path: string): LosslessValue | undefined {
  let found: LosslessValue | undefined = value;
  for (const name of path.split(".")) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

function isObject(value: LosslessValue | undefined): value is LosslessObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
