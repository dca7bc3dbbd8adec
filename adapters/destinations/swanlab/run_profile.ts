import { Digest } from "../../../src/model/digest.ts";
import { setKey } from "../../../src/model/json.ts";
import { writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { LosslessObject } from "../../../src/codec/lossless_json.ts";
import { numberOf, objectOf, textOf } from "./json_reply.ts";
import type { ConfigField, Profile } from "./mapping/outbox.ts";
import { type Project, projectPath } from "./project.ts";
import type { RemoteRun } from "./remote_run.ts";
import type { Segment } from "./segment.ts";
import { readMark, type SegmentMark } from "./segment_mark.ts";
import type { Session } from "./session.ts";

/** The property of the metadata that is ours; everything else is the tracker's. */
const ownProperty = "runferry";

/** What earlier syncs left in our part of the metadata. */
export interface OwnMark {
  /** Whether the run was made by somebody else, and only completed by us. */
  readonly completed: boolean;
  /** The run directories that make up the run, by name. */
  readonly segments: ReadonlyMap<string, SegmentMark>;
}

/** Our part of a run's metadata; undefined when we had nothing to do with the run. */
export function ownMark({ profile }: RemoteRun): OwnMark | undefined {
  const own = objectOf(profile["metadata"])[ownProperty];
  if (own === undefined) return undefined;
  const { completed, segments } = objectOf(own);
  return {
    completed: completed === true,
    segments: new Map(
      Object.entries(objectOf(segments)).map(([name, mark]) => [name, readMark(objectOf(mark))]),
    ),
  };
}

/**
 * Whether a part of a run is the last one, whose word counts for config, metadata and state. Where
 * nobody knows when parts began, their names decide: trackers put the time there.
 */
export function isLatest(
  run: RemoteRun | undefined,
  { name, startedAt = -Infinity }: Pick<Segment, "name" | "startedAt">,
): boolean {
  const segments = run === undefined ? [] : [...ownMark(run)?.segments ?? []];
  return segments.every(([other, { startedAt: began = -Infinity }]) =>
    other === name || began < startedAt || (began === startedAt && other < name)
  );
}

/** Whether a run was made by us, or nobody said anything about it, so that ours is the word. */
export function isOwn(run: RemoteRun): boolean {
  const mark = ownMark(run);
  return mark === undefined ? Object.values(run.profile).every(isEmpty) : !mark.completed;
}

/**
 * The config of a run of several parts: where two say something else, the later one counts, as W&B
 * merges it when a run is resumed.
 */
export function mergedConfig(
  config: Profile["config"],
  run: RemoteRun,
  { name, latest }: Omit<NamedSegment, "mark">,
): Profile["config"] {
  const others = [...ownMark(run)?.segments.keys() ?? []].filter((other) => other !== name);
  if (others.length === 0) return config;
  const held = objectOf(run.profile["config"]);
  const merged: { [key: string]: ConfigField } = {};
  for (const [key, field] of Object.entries(held)) setKey(merged, key, readField(objectOf(field)));
  let places = Object.keys(held).length;
  for (const [key, field] of Object.entries(config ?? {})) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
    if (before !== undefined && !latest) continue;
    setKey(merged, key, { ...field, sort: before?.sort ?? places++ });
  }
  return merged;
}

function readField({ value, desc, sort }: LosslessObject): ConfigField {
  return { value, desc: textOf(desc) ?? "", sort: numberOf(sort) ?? 0 };
}

/** Some fields of a profile. */
export interface Fields {
  readonly [name: string]: unknown;
}

/**
 * The fields of a profile that the host does not have yet. What somebody else wrote about a run
 * stays as it is: then only what is empty counts.
 */
export function missingFields(
  profile: Profile,
  { profile: held }: RemoteRun,
  own: boolean,
): Fields {
  const missing: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(profile)) {
    const there = held[name];
    if (own ? !same(name, value, there) : isEmpty(there)) missing[name] = value;
  }
  return missing;
}

/** A part of a run as the metadata know it. */
export interface NamedSegment {
  /** Of its run directory. */
  readonly name: string;
  readonly mark: SegmentMark;
  /** Whether its word about the run counts. */
  readonly latest: boolean;
}

/** The metadata that a run should have, with the mark of a part that was or will be delivered. */
export function markedMetadata(
  profile: Profile,
  remote: RemoteRun | undefined,
  { name, mark, latest }: NamedSegment,
): { readonly [name: string]: unknown } {
  const foreign = remote !== undefined && !isOwn(remote);
  const before = remote === undefined ? {} : objectOf(remote.profile["metadata"]);
  // A client that resumes a run may leave out what the first part said already (seen with 0.7.20).
  const kept = foreign || !latest || isEmpty(theirs(profile.metadata));
  const metadata: Fields = kept ? { ...profile.metadata, ...before } : { ...profile.metadata };
  const [known, said] = [objectOf(before[ownProperty]), profile.metadata?.[ownProperty] as object];
  const own = latest ? { ...known, ...said } : { ...said, ...known };
  const segments = { ...objectOf(known["segments"]), [name]: mark };
  const ours = { ...own, ...(foreign ? { completed: true } : {}), segments };
  return { ...metadata, [ownProperty]: ours };
}

/** Stores fields of a run's profile; each replaces what was there of it, the others stay. */
export async function putProfile(
  session: Session,
  project: Project,
  runId: string,
  fields: Fields,
): Promise<void> {
  await session.call({
    method: "PUT",
    path: `/project/${projectPath(project)}/runs/${encodeURIComponent(runId)}/profile`,
    body: writeLosslessJson(fields as Parameters<typeof writeLosslessJson>[0]),
    what: `store config and metadata of the run ${runId}`,
  });
}

/** How a host's profile of a run that is ours differs from what was delivered, in full sentences. */
export function profileDifferences(
  profile: Profile,
  remote: RemoteRun,
  isOurs: boolean = isOwn(remote),
): readonly string[] {
  if (!isOurs) return [];
  return Object.keys(missingFields(profile, remote, true))
    .map((name) => `The ${name} held is not the one delivered.`);
}

/** Whether the host has a field as it should; our own part of the metadata does not count. */
function same(name: string, value: unknown, held: unknown): boolean {
  if (name !== "metadata") return digest(value) === digest(held ?? emptyAs(value));
  const said = theirs(value);
  return isEmpty(said) || digest(said) === digest(theirs(held));
}

/** Metadata without our own part. */
function theirs(metadata: unknown): unknown {
  const { [ownProperty]: _, ...rest } = (metadata ?? {}) as { readonly [name: string]: unknown };
  return rest;
}

function emptyAs(value: unknown): unknown {
  return typeof value === "string" ? "" : {};
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function digest(value: unknown): string {
  return new Digest().value(value).hex();
}
