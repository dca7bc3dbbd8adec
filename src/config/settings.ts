import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError, systemCode } from "../errors.ts";
import { parseKey } from "./api_key.ts";
import { type Host, parseHost } from "./host.ts";
import type { Secret } from "./secret.ts";
import { type SettingsContext, variable } from "./settings_context.ts";
import { readSettingsFile, type SettingName } from "./settings_file.ts";
import { settingsFolder } from "./stored_logins.ts";

/** Who says so: the current directory, which may be somebody else's, or the user. */
export type Say = "directory" | "user";

/** A key, and where it stands. */
export interface SettingsKey {
  readonly secret: Secret;
  readonly from: Say;
  /** The path of a file, or "SWANLAB_API_KEY". */
  readonly source: string;
}

/** What SwanLab's settings say besides the arguments of a command. */
export interface Settings {
  readonly host?: Host;
  readonly hostFrom?: Say;
  readonly key?: SettingsKey;
  readonly workspace?: string;
  readonly project?: string;
  readonly runId?: string;
}

/** One place that settings come from. */
interface Layer {
  readonly say: Say;
  /** The path of a file; undefined for the environment. */
  readonly path?: string;
  readonly values: ReadonlyMap<SettingName, string>;
}

/**
 * Reads environment variables and YAML files in the order of the official client (SwanLab 0.10.3;
 * swanlab-api §1.3): `./swanlab.yaml`, `/etc/swanlab/*.yaml`, the environment,
 * `./.swanlab/config.yaml`, `~/.swanlab/config.yaml`, and last the names of old clients.
 * @throws {ConfigError} when a file or a host cannot be understood.
 * @throws {AuthError} when a key cannot be one.
 */
export async function readSettings(context: SettingsContext): Promise<Settings> {
  const layers: readonly Layer[] = [
    ...await fileLayers("directory", context.cwd, "swanlab"),
    ...await machineLayers(context),
    { say: "user", values: fromEnvironment(context, variables) },
    ...await fileLayers("directory", resolve(context.cwd, ".swanlab"), "config"),
    ...await fileLayers("user", settingsFolder(context), "config"),
    { say: "user", values: fromEnvironment(context, oldVariables) },
  ];
  const host = hostOf(layers);
  const key = first(layers, "api_key");
  const workspace = first(layers, "project.workspace")?.value;
  const project = first(layers, "project.name")?.value;
  const runId = first(layers, "run.id")?.value;
  return {
    ...host,
    ...(key === undefined ? {} : { key: keyOf(key) }),
    ...(workspace === undefined ? {} : { workspace }),
    ...(project === undefined ? {} : { project }),
    ...(runId === undefined ? {} : { runId }),
  };
}

const variables: readonly (readonly [SettingName, string])[] = [
  ["api_host", "SWANLAB_API_HOST"],
  ["web_host", "SWANLAB_WEB_HOST"],
  ["api_key", "SWANLAB_API_KEY"],
  ["project.name", "SWANLAB_PROJECT_NAME"],
  ["project.workspace", "SWANLAB_PROJECT_WORKSPACE"],
  ["run.id", "SWANLAB_RUN_ID"],
];

const oldVariables: readonly (readonly [SettingName, string])[] = [
  ["project.name", "SWANLAB_PROJ_NAME"],
  ["project.workspace", "SWANLAB_WORKSPACE"],
];

function fromEnvironment(
  context: SettingsContext,
  table: readonly (readonly [SettingName, string])[],
): ReadonlyMap<SettingName, string> {
  const found = new Map<SettingName, string>();
  for (const [setting, name] of table) {
    const text = variable(context, name);
    if (text !== undefined) found.set(setting, text);
  }
  return found;
}

async function fileLayers(say: Say, folder: string, stem: string): Promise<readonly Layer[]> {
  const layers: Layer[] = [];
  for (const name of [`${stem}.yaml`, `${stem}.yml`]) {
    const path = join(folder, name);
    const values = await readSettingsFile(path);
    if (values !== undefined) layers.push({ say, path, values });
  }
  return layers;
}

/** What the administrators of the machine set for all; the last name counts most. */
async function machineLayers(context: SettingsContext): Promise<readonly Layer[]> {
  const folder = resolve(context.cwd, variable(context, "SWANLAB_CONFIG_DIR") ?? "/etc/swanlab");
  const names = (await namesIn(folder)).filter((name) => /\.ya?ml$/.test(name)).sort().reverse();
  const layers: Layer[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const values = await readSettingsFile(path);
    if (values !== undefined) layers.push({ say: "user", path, values });
  }
  return layers;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new ConfigError(`${folder} cannot be read (${code ?? String(cause)})`, {
      hint: "Check who may read it, or name another folder in SWANLAB_CONFIG_DIR.",
      cause,
    });
  }
}

/** One setting, and the place that it comes from. */
interface Found {
  readonly value: string;
  readonly layer: Layer;
}

function first(layers: readonly Layer[], name: SettingName): Found | undefined {
  for (const layer of layers) {
    const value = layer.values.get(name);
    if (value !== undefined) return { value, layer };
  }
  return undefined;
}

function keyOf({ value, layer }: Found): SettingsKey {
  return {
    secret: parseKey(value),
    from: layer.say,
    source: layer.path ?? "SWANLAB_API_KEY",
  };
}

function hostOf(layers: readonly Layer[]): Pick<Settings, "host" | "hostFrom"> {
  const host = first(layers, "api_host");
  if (host === undefined) return {};
  const web = first(layers, "web_host");
  return { host: parseHost(host.value, web?.value), hostFrom: host.layer.say };
}
