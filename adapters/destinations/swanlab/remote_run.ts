import type { LosslessObject } from "../../../src/codec/lossless_json.ts";
import { DestinationError } from "../../../src/errors.ts";
import { createTime } from "./create_time.ts";
import { objectOf, requiredText, textOf } from "./json_reply.ts";
import type { Identity } from "./mapping/outbox.ts";
import { type Project, projectPath } from "./project.ts";
import { isDeleted, refusalError } from "./refusal.ts";
import type { Session } from "./session.ts";

/** A run at a host. */
export interface RemoteRun {
  readonly id: string;
  readonly name?: string;
  /** As addresses of pages have it. */
  readonly slug?: string;
  /** Unix seconds: reads of its data give it back to the host (swanlab-api §8.3). */
  readonly createdAt?: number;
  /** "RUNNING", "FINISHED", "CRASHED", "ABORTED". */
  readonly state?: string;
  /** What the host knows of config, metadata, requirements and conda. */
  readonly profile: LosslessObject;
}

function read(value: LosslessObject, id: string): RemoteRun {
  const created = Date.parse(textOf(value["createdAt"]) ?? "");
  const name = textOf(value["name"]);
  const slug = textOf(value["slug"]);
  const state = textOf(value["state"]);
  return {
    id,
    profile: objectOf(value["profile"]),
    ...(name === undefined ? {} : { name }),
    ...(slug === undefined ? {} : { slug }),
    ...(Number.isNaN(created) ? {} : { createdAt: Math.floor(created / 1000) }),
    ...(state === undefined ? {} : { state }),
  };
}

/**
 * The run of this id in a project, if there is one.
 * @throws {DestinationError} when it was deleted.
 */
export async function findRun(
  session: Session,
  project: Project,
  id: string,
): Promise<RemoteRun | undefined> {
  const what = `open the run ${id}`;
  const reply = await session.call({
    method: "GET",
    path: `/project/${projectPath(project)}/runs/${encodeURIComponent(id)}`,
    what,
    accept: [404],
  });
  if (isDeleted(reply)) throw refusalError(what, session.host.name, reply);
  const value = objectOf(reply.value);
  const cuid = textOf(value["cuid"]);
  return reply.status === 404 || cuid === undefined ? undefined : read(value, cuid);
}

/** How a run is made. */
export interface NewRun {
  readonly id: string;
  readonly identity: Identity;
  /** ms since epoch. */
  readonly createdAt: number;
}

/**
 * Makes a run, or resumes the one of this id, which is then running. Undefined when the id lives in
 * another project.
 * @throws {DestinationError} when it was deleted, or the host refuses it.
 */
export async function createRun(
  session: Session,
  project: Project,
  { id, identity, createdAt }: NewRun,
): Promise<RemoteRun | undefined> {
  const what = `create the run ${id}`;
  const reply = await session.call({
    method: "POST",
    path: `/project/${projectPath(project)}/experiment`,
    body: JSON.stringify({
      ...identityBody(identity, id),
      createdAt: createTime(createdAt),
      cuid: id,
    }),
    what,
    accept: [404, 409],
    hints: {
      400: "A run that was cloned at the host cannot be continued; --id new makes a new run.",
      403: `The account may not write to ${project.workspace}/${project.name}; name another -w.`,
    },
  });
  if (reply.status === 409) return undefined;
  if (isDeleted(reply)) throw refusalError(what, session.host.name, reply);
  if (reply.status === 404) {
    return await createOldRun(session, project, { id, identity, createdAt });
  }
  const made = read(objectOf(reply.value), requiredText(reply, "cuid", what));
  if (made.createdAt !== undefined) return made;
  return await findRun(session, project, made.id) ?? made;
}

function identityBody(identity: Identity, id: string): { readonly [name: string]: unknown } {
  const { name, description, labels = [], group, jobType, colors } = identity;
  return {
    name: name ?? id,
    ...(description === undefined ? {} : { description }),
    ...(colors === undefined ? {} : { colors }),
    ...(labels.length === 0 ? {} : { labels: labels.map((label) => ({ name: label })) }),
    ...(jobType === undefined ? {} : { job: jobType }),
    ...(group === undefined ? {} : { cluster: group }),
  };
}

/** Servers before 1.3 choose the id themselves (swanlab-api §9.4), so that a repeat makes another. */
async function createOldRun(
  session: Session,
  project: Project,
  { id, identity }: NewRun,
): Promise<RemoteRun> {
  const { name, description, colors, labels } = identityBody(identity, id);
  const what = `create the run ${id} the way of servers before 1.3`;
  const reply = await session.call({
    method: "POST",
    path: `/project/${projectPath(project)}/runs`,
    body: JSON.stringify({ name, colors, description, labels }),
    what,
    accept: [404],
  });
  if (reply.status === 404) {
    throw new DestinationError(`Cannot create the run ${id} at ${session.host.name}: not found`, {
      hint: "Check that the host is a SwanLab host of version 1.3 or newer.",
    });
  }
  return read(objectOf(reply.value), requiredText(reply, "cuid", what));
}
