import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { RunInfo } from "../model/run.ts";
import { setKey } from "../model/json.ts";
import type { FileTally, Tally } from "../model/tally.ts";
import { toExactJson } from "./exact_json.ts";
import { encodeHeader, type HeaderFields } from "./tar_header.ts";

/** Version of the format that this code writes, and the only one that it reads. */
export const formatVersion = 1;

/** Name of the first entry. */
export const manifestPath = "manifest.json";

/** One entry of the tar behind the manifest. */
export interface ArchiveEntry extends Omit<HeaderFields, "comment"> {
  /** 64 hex digits; only of files. */
  readonly sha256?: string;
}

/** What `manifest.json` says; FORMAT.md documents it for readers without this code. */
export interface Manifest {
  /** Who wrote the archive, such as "runferry 0.1.0". */
  readonly tool: string;
  readonly run: RunInfo;
  /** The state of the source that this was made from. */
  readonly stamp: string;
  /** Whether `source/` holds the run directory. */
  readonly keepsSource: boolean;
  /** Whether every file could be read, and none changed meanwhile. */
  readonly complete: boolean;
  /** What was delivered, but for the files, which `entries` tell. */
  readonly tally: Omit<Tally, "files">;
  /** The path of the entry that holds a file, by the path that events give it. */
  readonly files: ReadonlyMap<string, string>;
  /** In the order in which they lie in the tar. */
  readonly entries: readonly ArchiveEntry[];
}

/** The manifest as the bytes of its entry. */
export function encodeManifest(manifest: Manifest): Buffer {
  const { tool, run, stamp, keepsSource, complete, tally, files, entries } = manifest;
  const paths: { [path: string]: string } = {};
  for (const [path, entry] of files) setKey(paths, path, entry);
  return Buffer.from(
    JSON.stringify(
      {
        format: "runferry archive",
        version: formatVersion,
        tool,
        run,
        stamp,
        keepsSource,
        complete,
        tally: {
          events: tally.events,
          metrics: exactMetrics(tally.metrics),
          system: exactMetrics(tally.system),
          console: tally.console,
          digest: tally.digest,
        },
        files: paths,
        entries,
      },
      undefined,
      1,
    ) + "\n",
  );
}

function exactMetrics(
  metrics: Tally["metrics"],
): { readonly [key: string]: unknown } {
  const exact: { [key: string]: unknown } = {};
  for (const [key, metric] of Object.entries(metrics)) {
    setKey(exact, key, {
      ...metric,
      firstStep: toExactJson(metric.firstStep),
      lastStep: toExactJson(metric.lastStep),
      last: toExactJson(metric.last),
    });
  }
  return exact;
}

/** The header of the manifest's entry; its pax comment says what this is, and the manifest's hash. */
export function manifestHeader(run: RunInfo, manifest: Uint8Array): Buffer {
  const sha256 = createHash("sha256").update(manifest).digest("hex");
  return encodeHeader({
    path: manifestPath,
    kind: "file",
    bytes: manifest.length,
    mode: 0o644,
    modified: run.startedAt ?? 0,
    comment: `runferry archive ${formatVersion} sha256:${sha256}`,
  });
}

/** The whole tally, files included: those that events name, and all that `source/` holds. */
export function wholeTally(manifest: Manifest): Tally {
  const files: { [path: string]: FileTally } = {};
  for (const [path, tally] of fileTallies(manifest)) setKey(files, path, tally);
  return { ...manifest.tally, files };
}

/** Size and hash of what the archive holds, by the path that the run gives it. */
export function fileTallies(manifest: Manifest): Map<string, FileTally> {
  const byEntry = new Map<string, FileTally>();
  const files = new Map<string, FileTally>();
  for (const { path, bytes, sha256 } of manifest.entries) {
    if (sha256 === undefined) continue;
    byEntry.set(path, { bytes, sha256 });
    if (path.startsWith("source/")) {
      files.set(path.slice("source/".length), { bytes, sha256 });
    }
  }
  for (const [path, entry] of manifest.files) {
    const tally = byEntry.get(entry);
    if (tally !== undefined) files.set(path, tally);
  }
  return files;
}

/**
 * A hash of what the archive holds, but for when it was written and by which version: equal means
 * that one of two is enough. 64 hex digits.
 */
export function contentHash(manifest: Manifest): string {
  const { run, keepsSource, tally, files, entries } = manifest;
  const content = entries
    .filter(({ path }) => !path.startsWith("events/"))
    .map(({ path, kind, sha256, target }) =>
      JSON.stringify([path, kind, sha256 ?? null, target ?? null])
    );
  const names = [...files].map((pair) => JSON.stringify(pair));
  const all = [run.id, keepsSource, tally.digest, content.sort(), names.sort()];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}
