import { DestinationError } from "../../../src/errors.ts";
import { declareColumns } from "./column_sender.ts";
import { createTime } from "./create_time.ts";
import type { Column, Ending, Identity } from "./mapping/outbox.ts";
import { type Deliver, PointLane } from "./point_lane.ts";
import { sendPoints } from "./point_sender.ts";
import { createProject, type Project, projectPath } from "./project.ts";
import { lookFor } from "./look.ts";
import { createRun, type RemoteRun } from "./remote_run.ts";
import { copyId } from "./run_id.ts";
import type { RunPlace } from "./run_place.ts";
import { markedMetadata, putProfile } from "./run_profile.ts";
import type { WriterOptions } from "./writer_options.ts";

/** Lanes that scalars are spread over by key. */
const scalarLanes = 4;
/** ms between signs of life: hosts take a run for dead after half an hour (swanlab-api §3.5). */
const heartbeat = 10 * 60 * 1000;

/** The way of one run to its host: nothing is made there before `start`. */
export class Delivery {
  readonly scalars: readonly PointLane[];
  readonly media: PointLane;
  readonly texts: PointLane;
  readonly log: PointLane;
  /** Columns that were not declared yet. */
  readonly columns: Column[] = [];
  readonly #options: WriterOptions;
  #place: RunPlace | undefined;
  #started: Promise<RunPlace> | undefined;
  /** Who the host was told the run is. */
  #said = "";
  /** ms since epoch; the start that the run was given. */
  #createdAt = 0;
  #alive = 0;
  #lanes = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    const { found: project, before, session } = options;
    if (project !== undefined && before !== undefined) {
      this.#place = { session, project, run: before.run };
    }
    const deliver: Deliver = async (batch) => {
      const place = await this.start({});
      const { run, project } = place;
      const look = lookFor(place);
      await sendPoints({ session, projectId: project.id, runId: run.id, look }, batch);
    };
    // Rows fill all lanes alike; the first batches differ, so that they are not full all at once.
    this.scalars = Array.from(
      { length: scalarLanes },
      (_, at) => new PointLane("scalar", deliver, (at + 1) / scalarLanes),
    );
    this.media = new PointLane("media", deliver);
    this.texts = new PointLane("media", deliver);
    this.log = new PointLane("log", deliver);
  }

  /** The run at the host; undefined while it is not there. */
  get place(): RunPlace | undefined {
    return this.#place;
  }

  /** Whether something was sent, or is going to be. */
  get started(): boolean {
    return this.#started !== undefined;
  }

  /** Every way on which points travel. */
  get lanes(): readonly PointLane[] {
    return [...this.scalars, this.media, this.texts, this.log];
  }

  /** The lane of the next new key of scalars. */
  nextLane(): PointLane {
    return this.scalars[this.#lanes++ % scalarLanes] as PointLane;
  }

  /**
   * Makes the project and the run, or resumes the run, declares the columns known so far, and opens
   * all lanes. Only the first call does anything.
   * @throws {ToolError} when the host refuses.
   */
  start(identity: Identity): Promise<RunPlace> {
    this.#started ??= this.#start(identity);
    return this.#started;
  }

  /**
   * Tells the host who the run is, where more is known than at the start: making a run that is there
   * changes what is given (swanlab-api §3.2).
   */
  async rename(identity: Identity): Promise<void> {
    const { before, session } = this.#options;
    if (this.#place === undefined || before !== undefined || this.#said === said(identity)) return;
    const { project, run: { id } } = this.#place;
    await createRun(session, project, { id, identity, createdAt: this.#createdAt });
    this.#said = said(identity);
  }

  /** Declares new columns; to be called before points of them are sent. */
  async declare(): Promise<void> {
    const columns = this.columns.splice(0);
    if (this.#place === undefined || columns.length === 0) return;
    const { session, project, run } = this.#place;
    await declareColumns(session, project, run.id, columns);
  }

  /** Tells the host from time to time that the run is alive. */
  async beat(): Promise<void> {
    const { context, session } = this.#options;
    if (this.#place === undefined || context.now() - this.#alive < heartbeat) return;
    this.#alive = context.now();
    await session.call({
      method: "POST",
      path: `/house/experiments/${encodeURIComponent(this.#place.run.id)}/heartbeat`,
      // The newest client sends this constant too (swanlab-api §3.5).
      body: JSON.stringify({ flagId: "123456" }),
      what: "tell that the run is alive",
      accept: [400, 401, 403, 404, 405, 501],
    });
  }

  /** Tells how the run ended. */
  async end({ state, time }: Ending): Promise<void> {
    const { context, originalTimes, session } = this.#options;
    if (this.#place === undefined) return;
    const { project, run } = this.#place;
    const finishedAt = originalTimes && time !== undefined ? time : context.now();
    await session.call({
      method: "PUT",
      path: `/project/${projectPath(project)}/runs/${encodeURIComponent(run.id)}/state`,
      body: JSON.stringify({ state, finishedAt: createTime(finishedAt), from: "sdk" }),
      what: `tell that the run ${run.id} ended`,
    });
  }

  async #start(identity: Identity): Promise<RunPlace> {
    this.#said = said(identity);
    const { context, session, before, segment, overlap, wanted, tool } = this.#options;
    const project = this.#options.found ?? await createProject(session, wanted);
    const run = await this.#create(project, identity);
    this.#alive = context.now();
    this.#place = { session, project, run: { ...before?.run, ...run } };
    await Promise.all([
      this.declare(),
      // Whoever continues after a crash must know whose run this is.
      segment.isNew
        ? putProfile(session, project, run.id, {
          metadata: markedMetadata({ metadata: { runferry: { tool } } }, before?.run, {
            name: segment.name,
            mark: { ...segment.mark(), ...overlap.groups(segment.first ?? -Infinity) },
            latest: before === undefined,
          }),
        })
        : undefined,
    ]);
    for (const lane of this.lanes) lane.open();
    return this.#place;
  }

  async #create(project: Project, identity: Identity): Promise<RemoteRun> {
    const { context, session, run, id, mayCopy, originalTimes, wanted } = this.#options;
    const { startedAt } = run.info;
    this.#createdAt = originalTimes && startedAt !== undefined ? startedAt : context.now();
    const createdAt = this.#createdAt;
    const made = await createRun(session, project, { id, identity, createdAt });
    if (made !== undefined) return made;
    const copy = copyId(id, wanted);
    const copied = mayCopy && copy !== id
      ? await createRun(session, project, { id: copy, identity, createdAt })
      : undefined;
    if (copied !== undefined) return copied;
    throw new DestinationError(
      `Cannot create the run ${id} at ${session.host.name}: the id lives in another project`,
      { hint: "Choose another --id, or leave it out: a copy then gets an id of its own." },
    );
  }
}

function said(identity: Identity): string {
  return JSON.stringify(Object.entries(identity).sort());
}
