import type {
  Account,
  Context,
  Destination,
  Remote,
  RunFiles,
  RunPart,
  RunWriter,
} from "../../../src/adapter.ts";
import type { RunInfo } from "../../../src/model/run.ts";
import type { Host } from "../../../src/config/host.ts";
import type { Secret } from "../../../src/config/secret.ts";
import { HttpClient } from "../../../src/net/client.ts";
import { readHeldRun } from "./held_run.ts";
import { findProject, type Project, type ProjectName } from "./project.ts";
import { plainProjectName } from "./project_name.ts";
import { findRun, type RemoteRun } from "./remote_run.ts";
import { copyId, type IdPolicy, wantedId } from "./run_id.ts";
import { Overlap, type OverlapRule } from "./overlap.ts";
import type { Segment } from "./segment.ts";
import { othersAtHost, segmentOf } from "./segment_of.ts";
import { Session } from "./session.ts";
import { Siblings } from "./siblings.ts";
import { Turns } from "./turns.ts";
import { SwanlabWriter } from "./writer.ts";
import { readWorkspaces } from "./workspaces.ts";
import type { DeliveryOptions, WriterOptions } from "./writer_options.ts";

/** A SwanLab host, and how runs get there. */
export interface SwanlabOptions extends DeliveryOptions {
  readonly host: Host;
  /**
   * The key for this host; asked for when it is first needed.
   * @throws {AuthError} when there is none.
   */
  key(): Promise<Secret>;
  /** Where all runs go; else each goes where it was recorded. */
  readonly workspace?: string;
  readonly project?: string;
  readonly id: IdPolicy;
  /** Which value counts where parts of a run share a step; the last one without it. */
  readonly overlap?: OverlapRule;
}

/** SwanLab's cloud, or a private host: both speak the same, at another address. */
export function swanlab(options: SwanlabOptions): Destination {
  return new Swanlab(options);
}

class Swanlab implements Destination {
  readonly name: string;
  readonly capabilities: Destination["capabilities"];
  readonly #options: SwanlabOptions;
  readonly #turns = new Turns();
  readonly #siblings: Siblings;
  #workspaces: Promise<ReadonlySet<string> | undefined> | undefined;
  /** Workspaces that were told to be missing. */
  readonly #strange = new Set<string>();
  #session: Promise<Session> | undefined;
  /** By workspace and name, so that each is asked for once. */
  readonly #projects = new Map<string, Promise<Project | undefined>>();

  constructor(options: SwanlabOptions) {
    const { host, workspace, project, exact } = options;
    const place = workspace === undefined && project === undefined
      ? ""
      : `/@${workspace ?? "~"}/${project ?? "~"}`;
    this.name = host.name + place;
    this.capabilities = {
      assurance: exact ? "exact" : "counted",
      keepsSource: false,
      keepsEvents: false,
    };
    this.#options = options;
    const { xAxis, tool, overlap = "last" } = options;
    this.#siblings = new Siblings({ xAxis, tool, onlyOverlapping: overlap === "last" });
  }

  async check(context: Context): Promise<Account> {
    const session = await this.#open(context);
    const { username } = await session.login();
    return { name: username, url: `${this.#options.host.webBase}/@${username}` };
  }

  async open(
    run: RunFiles,
    key: string,
    _saved: Remote | undefined,
    context: Context,
    family: Family = () => Promise.resolve([]),
  ): Promise<RunWriter> {
    const session = await this.#open(context);
    const wanted = await this.#wanted(run.info, session, context);
    const id = wantedId(key, this.#options.id);
    // Directories of one run go one after the other, so that each meets what came before.
    const release = await this.#turns.take(JSON.stringify([wanted, id]));
    try {
      const goal = { context, session, wanted, id };
      const before = await this.#before(goal);
      const segment = segmentOf(run.info, before.before);
      const overlap = await this.#overlap(run.info, goal, { segment, ...before, family });
      const { exact, originalTimes, xAxis, tool } = this.#options;
      const options = { exact, originalTimes, xAxis, tool, ...goal, ...before, run };
      const mayCopy = this.#options.id === "auto";
      return new SwanlabWriter({ ...options, mayCopy, segment, overlap }, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** What is there of a run. */
  async #before({ session, wanted, id }: Goal): Promise<Met> {
    const { id: policy } = this.#options;
    const project = await this.#find(session, wanted);
    if (project === undefined) return { id };
    const run = policy === "new" ? undefined : await findEither(session, project, {
      id,
      copy: policy === "auto" ? copyId(id, wanted) : undefined,
    });
    if (run === undefined) return { id, found: project };
    const held = await readHeldRun({ session, project, run });
    return { id: run.id, found: project, before: { run, held } };
  }

  /**
   * What other parts have of the run, at the host or on their way there.
   * @throws {SourceError} when they have what this one has, and that is not wanted.
   */
  async #overlap(
    info: RunInfo,
    goal: Goal,
    { segment, before, family }: Met & { readonly segment: Segment; readonly family: Family },
  ): Promise<Overlap> {
    const { overlap: rule = "last", id } = this.#options;
    const others = othersAtHost(segment, before);
    const options = { rule, ...others, known: !segment.isNext };
    if (id !== "auto" || rule === "first" && !segment.isNew) return new Overlap(options);
    // A new part gets its place only now that every part before it has one.
    const parts = await this.#sameRun(await family(), goal);
    const { context } = goal;
    if (rule === "first") return new Overlap(options);
    if (rule === "last") {
      return new Overlap({ ...options, coming: await this.#siblings.coming(info, parts, context) });
    }
    const held = segment.isNext ? new Map([...others.later, ...others.earlier]) : new Map();
    await this.#siblings.refuseShared(info, parts, { held, context });
    return new Overlap(options);
  }

  /** Those parts that go to the same run. */
  async #sameRun(
    parts: readonly RunPart[],
    { session, wanted, context }: Goal,
  ): Promise<readonly RunPart[]> {
    const same: RunPart[] = [];
    for (const part of parts) {
      const { workspace, name } = await this.#wanted(part.info, session, context);
      if (workspace === wanted.workspace && name === wanted.name) same.push(part);
    }
    return same;
  }

  #open(context: Context): Promise<Session> {
    const { host, key, tool } = this.#options;
    this.#session ??= key().then((secret) => {
      const client = new HttpClient(context, { userAgent: tool.replace(" ", "/") });
      return new Session(host, secret, client, context);
    });
    return this.#session;
  }

  /** Where a run goes: its own project, in its own workspace only if that was SwanLab's. */
  async #wanted(info: RunInfo, session: Session, context: Context): Promise<ProjectName> {
    const { workspace, project } = this.#options;
    const recorded = info.writer.tracker === "swanlab" ? info.workspace : undefined;
    return {
      workspace: workspace ?? await this.#workspace(recorded, session, context),
      name: project ?? plainProjectName(info.project ?? ""),
    };
  }

  /** The recorded workspace, unless the host says that the account has none of this name. */
  async #workspace(
    recorded: string | undefined,
    session: Session,
    { notice }: Context,
  ): Promise<string> {
    const { username } = await session.login();
    if (recorded === undefined || recorded === username) return username;
    const known = await (this.#workspaces ??= readWorkspaces(session));
    if (known === undefined || known.has(recorded)) return recorded;
    if (!this.#strange.has(recorded)) {
      this.#strange.add(recorded);
      notice(
        `There is no workspace ${recorded} at ${this.#options.host.name}; its runs go to ` +
          `${username} (-w names another).`,
      );
    }
    return username;
  }

  #find(session: Session, wanted: ProjectName): Promise<Project | undefined> {
    const name = `${wanted.workspace}/${wanted.name}`;
    let found = this.#projects.get(name);
    if (found === undefined) {
      found = findProject(session, wanted);
      this.#projects.set(name, found);
      // What was not there may be made by the first run; a failure may pass.
      found.then(
        (project) => project ?? this.#projects.delete(name),
        () => this.#projects.delete(name),
      );
    }
    return found;
  }
}

/** What a writer is made for. */
type Goal = Pick<WriterOptions, "context" | "session" | "wanted" | "id">;

/** What a host has of a run. */
type Met = Pick<WriterOptions, "id" | "found" | "before">;

/** Tells the parts of a run. */
type Family = () => Promise<readonly RunPart[]>;

/** The run of this id in a project, or the copy that stands for it there. */
async function findEither(
  session: Session,
  project: Project,
  { id, copy }: { readonly id: string; readonly copy: string | undefined },
): Promise<RemoteRun | undefined> {
  const [own, copied] = await Promise.all([
    findRun(session, project, id),
    copy === undefined ? undefined : findRun(session, project, copy),
  ]);
  return own ?? copied;
}
