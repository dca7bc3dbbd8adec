import { Buffer } from "node:buffer";
import { FramedLog } from "./framed_log.ts";

/** A project of a workspace. */
export interface Project {
  /** Unique in the store; clients call it cuid. */
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly visibility: string;
  readonly description: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Who a run is. */
export interface RunCard {
  /** Unique in the store, for ever; clients call it cuid. */
  readonly id: string;
  /** Id of its project. */
  readonly project: string;
  /** Name of its folder. */
  readonly folder: string;
  readonly name: string;
  readonly description: string;
  readonly labels: readonly { readonly name: string; readonly colors?: readonly string[] }[];
  readonly colors: readonly string[];
  readonly job: string;
  readonly cluster: string;
  /** Name of the account that made it. */
  readonly user: string;
  readonly state: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** A key of an upgraded project; fields as in swanlab-api §4.3. */
export interface SeriesRecord {
  readonly key: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

type CatalogRecord =
  | { readonly type: "project"; readonly project: Project }
  | { readonly type: "run"; readonly run: RunCard }
  | {
    readonly type: "series";
    readonly project: string;
    readonly series: readonly SeriesRecord[];
  }
  | { readonly type: "deleted"; readonly runs: readonly string[] }
  | { readonly type: "dropped"; readonly project: string }
  | { readonly type: "sealed"; readonly run: string; readonly sealed: boolean };

/** Which projects and runs there are: a log on disk, its sum in memory. */
export class Catalog {
  readonly #log: FramedLog;
  readonly #state: State;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(log: FramedLog, state: State) {
    this.#log = log;
    this.#state = state;
  }

  /** Opens the catalog at a path, or begins one. */
  static async open(path: string): Promise<Catalog> {
    const state = new State();
    const log = await FramedLog.open(path, ({ payload }) => {
      state.apply(JSON.parse(payload.toString()) as CatalogRecord);
    });
    return new Catalog(log, state);
  }

  /** Runs one change after the other, so that what a change looked at is still so when it is made. */
  async exclusively<Result>(change: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(change);
    this.#turn = turn.then(() => {}, () => {});
    return await turn;
  }

  project(workspace: string, name: string): Project | undefined {
    return this.#state.byName.get(`${workspace}/${name}`);
  }

  projectById(id: string): Project | undefined {
    return this.#state.projects.get(id);
  }

  /** The projects of a workspace, oldest first. */
  projectsOf(workspace: string): readonly Project[] {
    return [...this.#state.projects.values()].filter((one) => one.workspace === workspace);
  }

  run(id: string): RunCard | undefined {
    return this.#state.runs.get(id);
  }

  isDeleted(run: string): boolean {
    return this.#state.deleted.has(run);
  }

  /** The runs of a project, oldest first. */
  runsOf(project: string): readonly RunCard[] {
    return [...this.#state.members.get(project) ?? []]
      .map((id) => this.#state.runs.get(id)).filter((run) => run !== undefined);
  }

  /** All runs that were not deleted. */
  get runs(): Iterable<RunCard> {
    return this.#state.runs.values();
  }

  countRuns(project: string): number {
    return this.#state.members.get(project)?.size ?? 0;
  }

  seriesOf(project: string): ReadonlyMap<string, SeriesRecord> {
    return this.#state.series.get(project) ?? new Map();
  }

  /** Stores a new or changed project. */
  async putProject(project: Project): Promise<void> {
    await this.#add({ type: "project", project });
  }

  /** Stores a new or changed run. */
  async putRun(run: RunCard): Promise<void> {
    await this.#add({ type: "run", run });
  }

  async putSeries(project: string, series: readonly SeriesRecord[]): Promise<void> {
    await this.#add({ type: "series", project, series });
  }

  async deleteRuns(runs: readonly string[]): Promise<void> {
    await this.#add({ type: "deleted", runs });
  }

  /** Deletes a project and its runs. */
  async dropProject(project: string): Promise<void> {
    await this.#add({ type: "dropped", project });
  }

  /** Whether the archive has a run as it is. */
  isSealed(run: string): boolean {
    return this.#state.sealed.has(run);
  }

  /** Remembers whether the archive has a run as it is. A run that is put anew is not sealed. */
  async setSealed(run: string, sealed: boolean): Promise<void> {
    await this.#add({ type: "sealed", run, sealed });
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  async #add(record: CatalogRecord): Promise<void> {
    await this.#log.append(Buffer.from(JSON.stringify(record)));
    this.#state.apply(record);
  }
}

/** The sum of a catalog's records. */
class State {
  readonly projects = new Map<string, Project>();
  /** By "workspace/name". */
  readonly byName = new Map<string, Project>();
  readonly runs = new Map<string, RunCard>();
  /** Ids of runs by project. */
  readonly members = new Map<string, Set<string>>();
  readonly series = new Map<string, Map<string, SeriesRecord>>();
  readonly deleted = new Set<string>();
  readonly sealed = new Set<string>();

  apply(record: CatalogRecord): void {
    switch (record.type) {
      case "project": {
        const { project } = record;
        this.projects.set(project.id, project);
        this.byName.set(`${project.workspace}/${project.name}`, project);
        return;
      }
      case "run": {
        const { run } = record;
        this.runs.set(run.id, run);
        this.sealed.delete(run.id);
        const members = this.members.get(run.project) ?? new Set();
        this.members.set(run.project, members.add(run.id));
        return;
      }
      case "series": {
        const known = this.series.get(record.project) ?? new Map<string, SeriesRecord>();
        for (const one of record.series) known.set(one.key, one);
        this.series.set(record.project, known);
        return;
      }
      case "deleted":
        for (const id of record.runs) this.#delete(id);
        return;
      case "sealed":
        if (record.sealed) this.sealed.add(record.run);
        else this.sealed.delete(record.run);
        return;
      case "dropped":
        this.#drop(record.project);
        return;
    }
  }

  #drop(id: string): void {
    const project = this.projects.get(id);
    if (project === undefined) return;
    for (const run of [...this.members.get(id) ?? []]) this.#delete(run);
    this.projects.delete(id);
    this.byName.delete(`${project.workspace}/${project.name}`);
  }

  #delete(id: string): void {
    const run = this.runs.get(id);
    this.deleted.add(id);
    this.runs.delete(id);
    if (run !== undefined) this.members.get(run.project)?.delete(id);
  }
}
