import { bool, list, type Message, nested } from "./message.ts";

const extra: Message = { 1: "key", 2: "value_json" };

const entry: Message = {
  1: "path",
  2: "digest",
  3: "ref",
  4: "size",
  5: "mimetype",
  6: "local_path",
  7: "birth_artifact_id",
  8: bool("skip_cache"),
  16: list("extra", extra),
};

/** ArtifactRecord: an artifact that an offline run made. */
export const artifact: Message = {
  1: "run_id",
  2: "project",
  3: "entity",
  4: "type",
  5: "name",
  6: "digest",
  7: "description",
  8: "metadata",
  9: bool("user_created"),
  10: bool("use_after_commit"),
  11: list("aliases"),
  12: nested("manifest", {
    1: "version",
    2: "storage_policy",
    3: list("storage_policy_config", extra),
    4: list("contents", entry),
    5: "manifest_file_path",
  }),
  13: "distributed_id",
  14: bool("finalize"),
  15: "client_id",
  16: "sequence_client_id",
  17: "base_id",
  18: "ttl_duration_seconds",
  19: list("tags"),
  20: "digest_algorithm",
  100: bool("incremental_beta1"),
};

/** UseArtifactRecord: an artifact that a run took as input. */
export const useArtifact: Message = {
  1: "id",
  2: "type",
  3: "name",
  4: nested("partial", {
    1: "job_name",
    2: nested("source_info", { 1: "_version", 2: "source_type", 3: "source", 4: "runtime" }),
  }),
};

/** LinkArtifactRecord, wandb 0.12.12 to 0.17.4; later clients write an empty message. */
export const linkArtifact: Message = {
  1: "client_id",
  2: "server_id",
  3: "portfolio_name",
  4: "portfolio_entity",
  5: "portfolio_project",
  6: list("portfolio_aliases"),
};
