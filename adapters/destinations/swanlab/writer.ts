import type { Receipt, Remote, RunWriter, Verdict } from "../../../src/adapter.ts";
import { Digest } from "../../../src/model/digest.ts";
import type { EventType, RunEvent } from "../../../src/model/event.ts";
import type { Tally } from "../../../src/model/tally.ts";
import { Collector } from "./collector.ts";
import { Delivery } from "./delivery.ts";
import { Mapper } from "./mapping/mapper.ts";
import type { Ending } from "./mapping/outbox.ts";
import { remoteUrl } from "./remote_url.ts";
import {
  type Fields,
  isLatest,
  isOwn,
  markedMetadata,
  mergedConfig,
  missingFields,
  ownMark,
  putProfile,
} from "./run_profile.ts";
import type { KnownFiles, SavedResult } from "./saved_files.ts";
import { SavedFiles } from "./saved_files.ts";
import type { SegmentMark } from "./segment_mark.ts";
import type { Series } from "./series.ts";
import { verifyRun } from "./verify_run.ts";
import type { WriterOptions } from "./writer_options.ts";

/** Batches of a lane that may wait or be under way: one is read while another travels. */
const mostWaiting = 2;
/** Media points that may wait while more events are read. */
const mostMedia = 200;

/** ms between two profiles of a run that is being followed: some change with every record. */
const describing = 30_000;

/** Events whose content is points, so that it is known whether the host has them. */
const pointEvents: ReadonlySet<EventType> = new Set([
  "history",
  "media",
  "system",
  "console",
  "alert",
]);

/** Writes one run to a SwanLab host: what the host lacks, and nothing twice. */
export class SwanlabWriter implements RunWriter {
  /** No host tells which state of a source it holds. */
  readonly held: undefined;
  readonly #options: WriterOptions;
  readonly #release: () => void;
  readonly #delivery: Delivery;
  readonly #collector: Collector;
  readonly #mapper: Mapper<Series>;
  readonly #files: SavedFiles;
  #saved: SavedResult | undefined;
  #last = -1;
  /** Digest of the profile that `flush` told last, and when that was, in ms since epoch. */
  #said = "";
  #saidAt = -Infinity;
  /** Events of points that the host had; the others that it had once nothing of them was sent. */
  #presentPoints = 0;
  #others = 0;
  #sending = true;
  #finished = false;

  /** `release` is called at the end, so that another part of the same run can begin. */
  constructor(options: WriterOptions, release: () => void) {
    const { run, session, xAxis, tool } = options;
    this.#options = options;
    this.#release = release;
    this.#delivery = new Delivery(options);
    this.#collector = new Collector(options, this.#delivery);
    this.#mapper = new Mapper(this.#collector, { run: run.info, xAxis, tool });
    this.#files = new SavedFiles(session, run);
  }

  get remote(): Remote {
    const { session, id } = this.#options;
    const { place } = this.#delivery;
    if (place === undefined) return { id };
    return { id: place.run.id, url: remoteUrl(session.host, place) };
  }

  async write(batch: readonly RunEvent[]): Promise<Receipt> {
    const present = this.#map(batch);
    this.#presentPoints += present;
    await this.#pump();
    return { through: this.#through(), present, losses: this.#collector.takeLosses() };
  }

  async flush(): Promise<Receipt> {
    if (this.#options.before === undefined) await this.#start();
    await this.#flush();
    const { started } = this.#delivery;
    if (started) {
      await this.#delivery.rename(this.#collector.known);
      await this.#describe();
      await this.#delivery.beat();
    }
    return { through: this.#through(), present: 0, losses: this.#collector.takeLosses() };
  }

  expect(batch: readonly RunEvent[]): Promise<void> {
    this.#sending = false;
    this.#collector.only();
    this.#map(batch);
    return this.#collector.queue.settle(mostMedia);
  }

  async finish(_tally: Tally): Promise<Receipt> {
    this.#endMapping();
    const { before } = this.#options;
    const collector = this.#collector;
    if (before === undefined || collector.waiting) await this.#start();
    await this.#flush();
    await this.#delivery.rename(this.#collector.known);
    const fields = this.#fields();
    const saved = await this.#saveFiles();
    const { place } = this.#delivery;
    const mustMark = this.#delivery.started || saved.sent > 0 || Object.keys(fields).length > 0 ||
      this.#mark !== undefined && this.#mark.files !== saved.digest ||
      this.#options.overlap.hasLeft;
    if (mustMark && place !== undefined) await this.#settleProfile(fields, saved);
    await this.#end();
    return this.#lastReceipt(Object.keys(fields).length === 0 && saved.sent === 0);
  }

  async verify(_tally: Tally): Promise<Verdict> {
    if (!this.#sending && this.#saved === undefined) await this.#endExpecting();
    return await verifyRun({
      options: this.#options,
      place: this.#delivery.place,
      collector: this.#collector,
      saved: this.#saved,
      fresh: this.#delivery.started,
      whole: this.#delivery.started && this.#options.before === undefined,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever comes next must find what is still on its way.
    await Promise.all(this.#delivery.lanes.map((lane) => lane.close()));
    this.#release();
  }

  /** Maps events, and counts those of which the host had every point. */
  #map(batch: readonly RunEvent[]): number {
    const continued = this.#options.before !== undefined;
    let present = 0;
    for (const event of batch) {
      this.#collector.current = event.seq;
      if (event.type === "history") this.#options.segment.step(Number(event.step));
      this.#mapper.map(event);
      this.#last = event.seq;
      if (event.type === "finish") this.#finished = true;
      if (!continued) continue;
      if (!pointEvents.has(event.type)) this.#others++;
      else if (this.#collector.lastSent !== event.seq) present++;
    }
    return present;
  }

  /** Tells the collector what only the end of a run tells, with what earlier parts of it said. */
  #endMapping(): void {
    this.#mapper.end();
    const { before, segment } = this.#options;
    if (before === undefined || !this.#mergesConfig) return;
    const { config, ...rest } = this.#collector.description;
    const part = { name: segment.name, latest: this.#isLatest };
    const merged = mergedConfig(config, before.run, part);
    this.#collector.profile(merged === undefined ? rest : { ...rest, config: merged });
  }

  /** Sends what is full, and waits while too much is under way. */
  async #pump(): Promise<void> {
    const { lanes } = this.#delivery;
    const { queue } = this.#collector;
    const isFull = lanes.some(({ waiting }) => waiting > 0) ||
      queue.storing && queue.waiting > mostMedia;
    if (!this.#delivery.started && !isFull) {
      await queue.settle(mostMedia);
      return;
    }
    await this.#start();
    await this.#delivery.declare();
    await Promise.all([...lanes.map((lane) => lane.settle(mostWaiting)), queue.settle(mostMedia)]);
    await this.#delivery.beat();
  }

  async #start(): Promise<void> {
    const { before } = this.#options;
    const name = before?.run.name;
    await this.#delivery.start(
      before === undefined ? this.#collector.known : name === undefined ? {} : { name },
    );
    this.#collector.queue.open();
  }

  /** Sends everything that waits, and waits until all of it is accepted. */
  async #flush(): Promise<void> {
    const { queue } = this.#collector;
    if (!this.#delivery.started) {
      await queue.settle(0);
      if (!this.#collector.waiting) return;
      await this.#start();
    }
    await this.#delivery.declare();
    const { lanes } = this.#delivery;
    for (const lane of lanes) lane.flush();
    await queue.settle(0);
    for (const lane of lanes) lane.flush();
    await Promise.all(lanes.map((lane) => lane.settle(0)));
  }

  /**
   * Whether this part adds to the config of a run of ours; SwanLab's own client replaces it at each
   * sync (swanlab-api §7).
   */
  get #mergesConfig(): boolean {
    const { before, run } = this.#options;
    return before !== undefined && isOwn(before.run) && run.info.writer.tracker !== "swanlab";
  }

  /** Whether no later part of the run is there, so that our word about the run counts. */
  get #isLatest(): boolean {
    const { before, segment } = this.#options;
    return isLatest(before?.run, segment);
  }

  /** What the host lacks of the profile. */
  #fields(): Fields {
    const { before } = this.#options;
    const profile = this.#collector.description;
    if (before === undefined) return { ...profile };
    if (!this.#isLatest) {
      const { config } = profile;
      const adds = config !== undefined && this.#mergesConfig;
      return adds ? missingFields({ config }, before.run, true) : {};
    }
    return missingFields(profile, before.run, isOwn(before.run));
  }

  /** What an earlier sync of this part left; an interrupted one left no more than it had done. */
  get #mark(): SegmentMark | undefined {
    const { before, segment } = this.#options;
    return before && ownMark(before.run)?.segments.get(segment.name);
  }

  async #saveFiles(): Promise<SavedResult> {
    this.#saved = await this.#files.store(this.#collector.files, this.#knownFiles, async () => {
      await this.#start();
      return this.#delivery.place?.run.id ?? this.#options.id;
    });
    for (const loss of this.#saved.losses) this.#collector.loss(loss);
    return this.#saved;
  }

  get #knownFiles(): KnownFiles {
    const { before } = this.#options;
    const digest = this.#mark?.files;
    const md5 = before?.held.files;
    return {
      ...(digest === undefined ? {} : { digest }),
      ...(md5 === undefined ? {} : { md5 }),
      isOverlaid: !this.#isLatest,
    };
  }

  /** Stores the profile, with the mark that everything else was accepted. */
  async #settleProfile(
    fields: Fields,
    saved: SavedResult,
  ): Promise<void> {
    await this.#start();
    await this.#putProfile(fields, saved.digest);
  }

  /** Stores the profile as far as it is known, unless the host was told so or only just. */
  async #describe(): Promise<void> {
    const { context } = this.#options;
    this.#mapper.describe();
    const said = new Digest().value(this.#collector.description).hex();
    if (said === this.#said || context.now() - this.#saidAt < describing) return;
    await this.#putProfile(this.#fields(), undefined);
    this.#said = said;
    this.#saidAt = context.now();
  }

  /** `digest` is that of the saved files, once all of them are there. */
  async #putProfile(fields: Fields, digest: string | undefined): Promise<void> {
    const { session, before, segment, overlap } = this.#options;
    const { place } = this.#delivery;
    if (place === undefined) return;
    const groups = overlap.groups(segment.first ?? Infinity);
    const metadata = markedMetadata(this.#collector.description, before?.run, {
      name: segment.name,
      mark: { ...segment.mark(digest), ...groups },
      latest: this.#isLatest,
    });
    await putProfile(session, place.project, place.run.id, { ...fields, metadata });
  }

  /** Tells the host how the run ended, unless it knows. */
  async #end(): Promise<void> {
    const { before } = this.#options;
    const { end: ending } = this.#collector;
    if (ending === undefined) return;
    const finished = this.#finished;
    const state = before?.run.state;
    if (!this.#isLatest) {
      // What was resumed to add to it ends again as it had ended.
      if (this.#delivery.started && isEnded(state)) await this.#delivery.end({ ...ending, state });
      return;
    }
    if (!this.#delivery.started && (state === undefined || state === ending.state)) return;
    // Somebody else's run without an end in our copy may well go on.
    const foreign = before !== undefined && !isOwn(before.run);
    if (!finished && foreign && state === "RUNNING") return;
    const known = foreign && !finished && (state === "FINISHED" || state === "ABORTED");
    await this.#start();
    await this.#delivery.end(known ? { ...ending, state } : ending);
  }

  #lastReceipt(profileKnown: boolean): Receipt {
    const { before } = this.#options;
    const { started } = this.#delivery;
    const known = before !== undefined && profileKnown;
    const present = known && !started
      ? this.#last + 1 - this.#presentPoints
      : known
      ? this.#others
      : 0;
    return { through: this.#last, present, losses: this.#collector.takeLosses() };
  }

  /** Everything up to this event is accepted or lost. */
  #through(): number {
    const firsts = [...this.#delivery.lanes, this.#collector.queue].map(({ first }) => first);
    return Math.min(this.#last, Math.min(...firsts) - 1);
  }

  /** Reads what only the end of a run tells, without sending anything. */
  async #endExpecting(): Promise<void> {
    this.#endMapping();
    await this.#collector.queue.settle(0);
    const files = this.#options.exact ? this.#collector.files : [];
    this.#saved = await this.#files.store(files, this.#knownFiles, undefined);
  }
}

function isEnded(state: string | undefined): state is Ending["state"] {
  return state === "FINISHED" || state === "CRASHED" || state === "ABORTED";
}
