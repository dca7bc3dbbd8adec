import type {
  Account,
  Context,
  Destination,
  Remote,
  RunFiles,
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
import { type OwnMark, ownMark } from "./run_profile.ts";
import { Segment, type SegmentMark } from "./segment.ts";
import { Session } from "./session.ts";
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
  ): Promise<RunWriter> {
    const session = await this.#open(context);
    const wanted = await this.#wanted(run, session, context);
    const id = wantedId(key, this.#options.id);
    // Directories of one run go one after the other, so that each meets what came before.
    const release = await this.#turns.take(JSON.stringify([wanted, id]));
    try {
      return new SwanlabWriter(await this.#place(run, { context, session, wanted, id }), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Where a run goes, and what is there of it. */
  async #place(run: RunFiles, goal: Goal): Promise<WriterOptions> {
    const { session, wanted, id } = goal;
    const { exact, originalTimes, xAxis, tool, id: policy } = this.#options;
    const how = { exact, originalTimes, xAxis, tool };
    const common = { ...how, ...goal, run, mayCopy: policy === "auto" };
    const first = segmentOf(run.info, undefined);
    const project = await this.#find(session, wanted);
    if (project === undefined) return { ...common, segment: first };
    const before = policy === "new" ? undefined : await findEither(session, project, {
      id,
      copy: common.mayCopy ? copyId(id, wanted) : undefined,
    });
    if (before === undefined) return { ...common, found: project, segment: first };
    const held = await readHeldRun({ session, project, run: before });
    return {
      ...common,
      id: before.id,
      found: project,
      segment: segmentOf(run.info, { run: before, held }),
      before: { run: before, held },
    };
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
  async #wanted({ info }: RunFiles, session: Session, context: Context): Promise<ProjectName> {
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

/** The part of a run that a directory is. What others made of the run is one part with it. */
function segmentOf(info: RunInfo, before: WriterOptions["before"]): Segment {
  const { directory, startedAt, writer } = info;
  const mark = before && ownMark(before.run);
  const [name, known] = knownSegment(info, mark) ?? [directory, undefined];
  const isNext = mark !== undefined && known === undefined && mark.segments.size > 0;
  return new Segment({
    name,
    restarts: writer.tracker === "wandb",
    ...(known === undefined ? {} : { known }),
    ...(isNext && before !== undefined ? { last: before.held.last } : {}),
    ...(startedAt === undefined ? {} : { startedAt }),
  });
}

/** The part that a directory is by its name, or by its start where it was renamed or copied. */
function knownSegment(
  { directory, startedAt = NaN }: RunInfo,
  mark: OwnMark | undefined,
): readonly [name: string, mark: SegmentMark] | undefined {
  const segments = [...mark?.segments ?? []];
  return segments.find(([name]) => name === directory) ??
    segments.find(([, known]) => Math.abs((known.startedAt ?? NaN) - startedAt) < 1);
}

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
