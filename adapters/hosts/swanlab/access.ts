import type { Project, RunCard } from "./catalog.ts";
import type { Host, HostContext } from "./host_app.ts";
import { conflict, disabled, forbidden, notFound } from "./refusal.ts";

/** Whether something is only looked at; public projects are for everybody to look at. */
export type Intent = "read" | "write";

/**
 * Proves that the workspace is the caller's own.
 * @throws {Refusal} 404 when there is no such workspace, 403 when it is another's.
 */
export function ownWorkspace(host: Host, context: HostContext, workspace: string): void {
  if (workspace === context.get("account").name) return;
  if (host.accounts.byName(workspace) === undefined) {
    throw notFound(`There is no workspace ${workspace}`);
  }
  throw forbidden(`The workspace ${workspace} belongs to somebody else`);
}

/**
 * The project that a path names.
 * @throws {Refusal} 404 or 403.
 */
export function projectOf(
  host: Host,
  context: HostContext,
  workspace: string,
  name: string,
  intent: Intent,
): Project {
  const project = host.store.catalog.project(workspace, name);
  if (project !== undefined && intent === "read" && project.visibility === "PUBLIC") return project;
  ownWorkspace(host, context, workspace);
  if (project === undefined) throw notFound(`There is no project ${workspace}/${name}`);
  return project;
}

/**
 * The run with an id, wherever it is.
 * @throws {Refusal} 404, `Disabled_Resource` when it was deleted, 403 when it is another's.
 */
export function runById(host: Host, context: HostContext, id: string, intent: Intent): RunCard {
  const { catalog } = host.store;
  if (catalog.isDeleted(id)) throw disabled(id);
  const run = catalog.run(id);
  const project = run && catalog.projectById(run.project);
  if (run === undefined || project === undefined) throw notFound(`There is no run ${id}`);
  projectOf(host, context, project.workspace, project.name, intent);
  return run;
}

/**
 * The run with an id in a project.
 * @throws {Refusal} as {@link runById}, and 404 when it is in another project.
 */
export function runIn(
  host: Host,
  context: HostContext,
  project: Project,
  id: string,
  intent: Intent,
): RunCard {
  const run = runById(host, context, id, intent);
  if (run.project !== project.id) {
    throw notFound(`There is no run ${id} in ${project.workspace}/${project.name}`);
  }
  return run;
}

/**
 * Proves that an id is free, or that of a run in the project, which is returned.
 * @throws {Refusal} 409 when it lives elsewhere, `Disabled_Resource` when it was deleted.
 */
export function runForId(host: Host, project: Project, id: string): RunCard | undefined {
  const { catalog } = host.store;
  if (catalog.isDeleted(id)) throw disabled(id);
  const run = catalog.run(id);
  if (run === undefined || run.project === project.id) return run;
  throw conflict(`The run ${id} exists in another project`);
}
