import type { RunCard } from "./catalog.ts";
import { type Fields, optionalText } from "./read_body.ts";
import { runFolder } from "./store.ts";

/** What the host itself says about a new run. */
export interface Birth {
  readonly id: string;
  readonly project: string;
  readonly user: string;
  /** ISO 8601. */
  readonly now: string;
}

/** The card of a run that a request begins. */
export function newRun(fields: Fields, { id, project, user, now }: Birth): RunCard {
  return {
    id,
    project,
    folder: runFolder(id),
    name: optionalText(fields, "name", id),
    description: optionalText(fields, "description", ""),
    labels: labelsOf(fields) ?? [],
    colors: colorsOf(fields) ?? ["#528d59", "#528d59"],
    job: optionalText(fields, "job", ""),
    cluster: optionalText(fields, "cluster", ""),
    user,
    state: "RUNNING",
    createdAt: optionalText(fields, "createdAt", now),
    finishedAt: null,
  };
}

/**
 * The card of a run that a request continues. It keeps its name, since clients make up a new one
 * each time and take the one in the answer.
 */
export function resumedRun(run: RunCard, fields: Fields): RunCard {
  return {
    ...run,
    description: optionalText(fields, "description", "") || run.description,
    labels: labelsOf(fields) ?? run.labels,
    job: optionalText(fields, "job", "") || run.job,
    cluster: optionalText(fields, "cluster", "") || run.cluster,
    state: "RUNNING",
    finishedAt: null,
  };
}

function labelsOf(fields: Fields): RunCard["labels"] | undefined {
  const labels = fields["labels"];
  if (!Array.isArray(labels)) return undefined;
  return labels.flatMap((label: unknown) => {
    if (typeof label !== "object" || label === null || !("name" in label)) return [];
    return typeof label.name === "string" ? [{ name: label.name }] : [];
  });
}

function colorsOf(fields: Fields): readonly string[] | undefined {
  const colors = fields["colors"];
  if (!Array.isArray(colors)) return undefined;
  return colors.filter((color: unknown) => typeof color === "string");
}
