import type {
  Account,
  Context,
  Destination,
  Remote,
  RunFiles,
  RunWriter,
} from "../../../src/adapter.ts";
import type { Host } from "../../../src/config/host.ts";
import type { Secret } from "../../../src/config/secret.ts";
import { HttpClient } from "../../../src/net/client.ts";
import { readHeldRun } from "./held_run.ts";
import { findProject, type Project, type ProjectName } from "./project.ts";
import { plainProjectName } from "./project_name.ts";
import { findRun, type RemoteRun } from "./remote_run.ts";
import { copyId, type IdPolicy, wantedId } from "./run_id.ts";
import { Session } from "./session.ts";
import { SwanlabWriter } from "./writer.ts";
import type { DeliveryOptions } from "./writer_options.ts";

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
    const wanted = await this.#wanted(run, session);
    const project = await this.#find(session, wanted);
    const policy = this.#options.id;
    const id = wantedId(key, policy);
    const { exact, originalTimes, xAxis, tool } = this.#options;
    const how = { exact, originalTimes, xAxis, tool };
    const common = { ...how, context, session, run, wanted, mayCopy: policy === "auto" };
    if (project === undefined) return new SwanlabWriter({ ...common, id });
    const before = policy === "new" ? undefined : await findEither(session, project, {
      id,
      copy: common.mayCopy ? copyId(id, wanted) : undefined,
    });
    if (before === undefined) return new SwanlabWriter({ ...common, id, found: project });
    const held = await readHeldRun({ session, project, run: before });
    return new SwanlabWriter({
      ...common,
      id: before.id,
      found: project,
      before: { run: before, held },
    });
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
  async #wanted({ info }: RunFiles, session: Session): Promise<ProjectName> {
    const { workspace, project } = this.#options;
    const recorded = info.writer.tracker === "swanlab" ? info.workspace : undefined;
    return {
      workspace: workspace ?? recorded ?? (await session.login()).username,
      name: project ?? plainProjectName(info.project ?? ""),
    };
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
