import type { Project, RunCard } from "./catalog.ts";
import type { Profile } from "./run_details.ts";

/** A run as the API gives it (swanlab-api §8.1). */
export function runAnswer(project: Project, run: RunCard, profile: Profile): object {
  return {
    cuid: run.id,
    slug: run.id,
    name: run.name,
    type: "CHAPTER",
    description: run.description,
    labels: run.labels.map(({ name }) => ({ name, colors: [] })),
    profile: { config: {}, ...profile },
    show: true,
    state: run.state,
    cluster: run.cluster,
    job: run.job,
    user: { username: run.user, name: run.user },
    colors: run.colors,
    rootProId: null,
    rootExpId: null,
    cloneType: null,
    projectId: project.id,
    createdAt: run.createdAt,
    updatedAt: run.finishedAt ?? run.createdAt,
    finishedAt: run.finishedAt,
  };
}

/** A run as lists give it: of its profile only the config. */
export function listedRun(project: Project, run: RunCard, config: Profile["config"]): object {
  return runAnswer(project, run, { config: config ?? {} });
}
