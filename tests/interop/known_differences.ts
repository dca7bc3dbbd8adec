import type { KnownDifference } from "./compare_facts.ts";

const newLine = /^swanlab 0\.(9|[1-9]\d)\./;

/** Captions without those that are missing, as the new line sends them. */
function withoutMissing(captions: string): string {
  return captions.split(" ").filter((word) => word !== "null").join(" ");
}

/** What a column of a run and a series of a project both say. */
function typeAndSection(column: string): string {
  const type = /class "SYSTEM"/.test(column) ? "SYSTEM" : /^type "(\w+)"/.exec(column)?.[1];
  return `${type} ${/sectionName ".*?"/.exec(column)?.[0] ?? ""}`;
}

interface ScenicDifference extends KnownDifference {
  /** In which scenes. */
  readonly scenes: RegExp;
}

const all: readonly ScenicDifference[] = [
  {
    reason: "metadata.runferry is ours: it holds what has no place of its own on the host",
    scenes: /^/,
    covers: ({ group, name, theirs }) =>
      group === "metadata" && name === "runferry" && theirs === undefined,
  },
  {
    reason: "the new line sends captions without those that are missing, so that they slip",
    scenes: newLine,
    covers: ({ group, name, theirs, ours }) =>
      group.startsWith("media ") && name.endsWith(" captions") && ours !== undefined &&
      withoutMissing(ours) === theirs,
  },
  {
    reason: "the new line turns infinities into NaN; the old line and ours send INF",
    scenes: newLine,
    covers: ({ group, theirs, ours }) =>
      group.startsWith("scalar ") && ours?.startsWith("INF at ") === true &&
      theirs === ours.replace("INF", "NaN"),
  },
  {
    reason: "the official sync drops steps below the last one of a run that it goes on with",
    scenes: / offline$/,
    covers: ({ group, name, theirs }) =>
      group === "scalar sparse" && /^step (20|25|1020)$/.test(name) && theirs === undefined,
  },
  {
    reason: "the official sync drops lines of a second part, which count from 1 again",
    scenes: / offline$/,
    covers: ({ group, theirs }) => group === "console" && theirs === undefined,
  },
  {
    reason: "the new line leaves the section type to the host where ours says PUBLIC",
    scenes: newLine,
    covers: ({ group, theirs, ours }) =>
      group === "column" && ours?.replace(' sectionType "PUBLIC"', "") === theirs,
  },
  {
    reason: "the old line declares columns of the run where ours declares series of the project",
    scenes: /^swanlab 0\.7\.20, new host/,
    covers: ({ group, theirs = "", ours = "" }) =>
      group === "column" && typeAndSection(theirs) === typeAndSection(ours),
  },
  {
    reason: "a live run of the old line does not name the sections that its sync and ours name",
    scenes: /^swanlab 0\.7\.20.* live$/,
    covers: ({ group, theirs = "", ours = "" }) =>
      group === "column" &&
      typeAndSection(theirs) === typeAndSection(ours.replace(/ sectionName ".*?"/, "")),
  },
  {
    reason: "the old line's sync uploads no saved files",
    scenes: /^swanlab 0\.7\.20.* offline$/,
    covers: ({ group, theirs }) => group === "saved files" && theirs === undefined,
  },
  {
    reason: "a live run of the old line leaves its saved files in no run directory",
    scenes: /^swanlab 0\.7\.20.* live$/,
    covers: ({ group, ours }) => group === "saved files" && ours === undefined,
  },
  {
    reason: "a live run of the old line records neither group nor job type",
    scenes: /^swanlab 0\.7\.20.* live$/,
    covers: ({ group, name, ours }) =>
      group === "run" && (name === "job" || name === "cluster") && ours === '""',
  },
];

/**
 * Where the state that the official client leaves is not the state to reach: what it is known to
 * lose, and what it says otherwise with the same meaning.
 */
export function knownDifferences(scene: string): readonly KnownDifference[] {
  return all.filter(({ scenes }) => scenes.test(scene));
}
