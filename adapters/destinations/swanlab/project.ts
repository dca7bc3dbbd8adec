import { DestinationError } from "../../../src/errors.ts";
import { numberOf, objectOf, requiredText, textOf } from "./json_reply.ts";
import type { Reply, Session } from "./session.ts";

/** A project of a host. */
export interface Project {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  /** "/workspace/name", as addresses of pages have it. */
  readonly path: string;
  /** Whether columns belong to the project ("series") and not to each run (swanlab-api §3.1). */
  readonly upgraded: boolean;
}

/** Where a project is, or should be. */
export interface ProjectName {
  readonly workspace: string;
  readonly name: string;
}

/** The path of a project in the API. */
export function projectPath({ workspace, name }: ProjectName): string {
  return `${encodeURIComponent(workspace)}/${encodeURIComponent(name)}`;
}

/** The project of this name, if the account can see one. */
export async function findProject(
  session: Session,
  wanted: ProjectName,
): Promise<Project | undefined> {
  const what = `open the project ${wanted.workspace}/${wanted.name}`;
  const reply = await session.call({
    method: "GET",
    path: `/project/${projectPath(wanted)}`,
    what,
    accept: [404],
  });
  return reply.status === 404 ? undefined : read(reply, wanted, what);
}

function read(reply: Reply, wanted: ProjectName, what: string): Project {
  const value = objectOf(reply.value);
  const workspace = textOf(objectOf(value["group"])["username"]) ?? wanted.workspace;
  const name = textOf(value["name"]) ?? wanted.name;
  return {
    id: requiredText(reply, "cuid", what),
    workspace,
    name,
    path: textOf(value["path"]) ?? `/${workspace}/${name}`,
    upgraded: numberOf(value["version"]) === 1,
  };
}

/**
 * Makes a project that was not found, in the way of the newest servers or of older ones.
 * @throws {DestinationError} when there is no such workspace, or the account may not write there.
 */
export async function createProject(session: Session, wanted: ProjectName): Promise<Project> {
  const { workspace, name } = wanted;
  const common = { name, visibility: "PRIVATE" };
  const ways = [
    { path: `/projects/${encodeURIComponent(workspace)}`, body: common },
    { path: "/project", body: { ...common, username: workspace } },
    { path: `/project/${encodeURIComponent(workspace)}`, body: common },
  ];
  for (const { path, body } of ways) {
    const reply = await session.call({
      method: "POST",
      path,
      body: JSON.stringify(body),
      what: `create the project ${workspace}/${name}`,
      accept: [404, 409],
      hints: { 400: "A project's name has 1 to 100 letters, digits, '_', '-', '+' or '.'." },
    });
    if (reply.status !== 404) break;
  }
  const project = await findProject(session, wanted);
  if (project !== undefined) return project;
  throw new DestinationError(
    `Cannot create the project ${workspace}/${name} at ${session.host.name}: not found`,
    { hint: `Check that there is a workspace ${workspace}, or name another one with -w.` },
  );
}
