import { bool, flags, ignored, list, type Message, nested, time } from "./message.ts";

const label: Message = { 1: "code_string", 2: "repo_string", 3: "code_version" };

/** TelemetryRecord: what the client tells of itself. */
export const telemetry: Message = {
  1: flags("imports_init"),
  2: flags("imports_finish"),
  3: flags("feature"),
  4: "python_version",
  5: "cli_version",
  6: "huggingface_version",
  8: flags("env"),
  9: nested("label", label),
  10: flags("deprecated"),
  11: flags("issues"),
  12: "core_version",
  13: "platform",
};

/** GitRepoRecord. */
export const gitRepo: Message = { 1: "remote", 2: "commit" };

/** RunRecord but for `config` (4) and `summary` (5), which are read by their own means. */
export const run: Message = {
  1: "run_id",
  2: "entity",
  3: "project",
  4: ignored("config"),
  5: ignored("summary"),
  6: "run_group",
  7: "job_type",
  8: "display_name",
  9: "notes",
  10: list("tags"),
  11: nested("settings", { 1: list("item", { 1: "key", 16: "value_json" }) }),
  12: "sweep_id",
  13: "host",
  14: "starting_step",
  16: "storage_id",
  17: time("start_time"),
  18: bool("resumed"),
  19: nested("telemetry", telemetry),
  20: "runtime",
  21: nested("git", gitRepo),
  22: bool("forked"),
  23: nested("branch_point", { 1: "run", 2: "value", 3: "metric" }),
  24: bool("resume"),
  25: bool("shared_mode"),
};

/** HeaderRecord, which only Go clients fill, from 0.16.3 on. */
export const header: Message = {
  1: nested("version_info", { 1: "producer", 2: "min_consumer" }),
};
