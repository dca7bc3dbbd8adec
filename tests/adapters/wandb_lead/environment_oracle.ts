import type { LogRecord } from "./fixture_runs.ts";

/** What counts of a telemetry record. */
export function telemetryOf(telemetry: LogRecord): { readonly [name: string]: unknown } {
  const names = [
    "python_version",
    "cli_version",
    "huggingface_version",
    "core_version",
    "platform",
  ];
  return Object.fromEntries(
    names.filter((name) => telemetry[name] !== undefined).map((name) => [name, telemetry[name]]),
  );
}

/** Names in wandb-metadata.json that are not the record's own in another spelling. */
const asRecorded: readonly string[] = ["cpu_count", "gpu_count", "gpu_nvidia", "gpu_amd"];
const others = new Map([["gpu_type", "gpu"], ["cpu_count_logical", "cpu_count_logical"]]);

/** An environment record with the names of wandb-metadata.json. */
export function environmentOf(environment: LogRecord): { readonly [name: string]: unknown } {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      others.get(name) ?? (asRecorded.includes(name) ? name : camel(name)),
      deep(value, name),
    ]),
  );
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** 64-bit integers are printed as texts. */
function deep(value: LogRecord, name: string): unknown {
  if (Array.isArray(value)) return value.map((each) => deep(each, name));
  if (typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map((
        [key, part],
      ) => [name === "disk" ? key : camel(key), deep(part, key)]),
    );
  }
  return typeof value === "string" && ["total", "used", "memory_total"].includes(name)
    ? Number(value)
    : value;
}
