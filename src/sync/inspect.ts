import type { RunReader, Tail } from "../adapter.ts";
import type { EventType, FinishEvent, IdentityEvent, RunEvent } from "../model/event.ts";
import type { Integer } from "../model/json.ts";
import type { RunInfo } from "../model/run.ts";
import { directorySize } from "./transfer.ts";

/** How a run ended; `incomplete` when nothing says that it did. */
export type State = FinishEvent["state"] | "incomplete";

/** What a run is and holds, known after reading it once. */
export interface Inspection {
  /** With what later records said about name, project and workspace. */
  readonly info: RunInfo;
  readonly tags: readonly string[];
  readonly group?: string;
  readonly state: State;
  readonly events: { readonly [type in EventType]?: number };
  /** Number of different steps, if they only grow; else of changes of step. */
  readonly steps: number;
  readonly lastStep?: Integer;
  /** Scalar values and media items. */
  readonly points: number;
  /** Size of the run directory in bytes. */
  readonly bytes: number;
  readonly gaps: number;
  readonly tail?: Tail;
  /** Time of the last event that has one, in ms since epoch. */
  readonly endedAt?: number;
}

/** Reads a run to its end and tells what it is; `hear` gets each event too. */
export async function inspect(
  reader: RunReader,
  hear: (event: RunEvent) => void = () => {},
): Promise<Inspection> {
  const inspector = new Inspector(reader.info);
  for await (const events of reader.events()) {
    for (const event of events) {
      inspector.add(event);
      hear(event);
    }
  }
  return inspector.result(await directorySize(reader), reader.tail);
}

/** Tells what a run is from its events. */
export class Inspector {
  #info: RunInfo;
  #tags: readonly string[] = [];
  #group: string | undefined;
  #state: State = "incomplete";
  readonly #events: { [type in EventType]?: number } = {};
  #steps = 0;
  #lastStep: Integer | undefined;
  #points = 0;
  #endedAt: number | undefined;

  constructor(info: RunInfo) {
    this.#info = info;
  }

  /** Scalar values and media items so far. */
  get points(): number {
    return this.#points;
  }

  /** Takes the next event. */
  add(event: RunEvent): void {
    this.#events[event.type] = (this.#events[event.type] ?? 0) + 1;
    if (event.time !== undefined) this.#endedAt = event.time;
    switch (event.type) {
      case "run":
        this.#identity(event);
        break;
      case "history":
        this.#step(event.step, Object.keys(event.values).length);
        break;
      case "media":
        this.#step(event.step, event.items.length);
        break;
      case "system":
        this.#points += Object.keys(event.values).length;
        break;
      case "finish":
        this.#state = event.state;
        break;
      default:
    }
  }

  #step(step: Integer, points: number): void {
    this.#points += points;
    if (step !== this.#lastStep) this.#steps++;
    this.#lastStep = step;
  }

  #identity(
    { name, project, workspace, startedAt, tags, group }: IdentityEvent,
  ): void {
    this.#info = {
      ...this.#info,
      ...(name === undefined ? {} : { name }),
      ...(project === undefined ? {} : { project }),
      ...(workspace === undefined ? {} : { workspace }),
      ...(startedAt === undefined ? {} : { startedAt }),
    };
    this.#tags = tags ?? this.#tags;
    this.#group = group ?? this.#group;
  }

  /** What the events so far tell of a run directory of so many bytes. */
  result(bytes: number, tail: Tail | undefined): Inspection {
    return {
      info: this.#info,
      tags: this.#tags,
      ...(this.#group === undefined ? {} : { group: this.#group }),
      state: this.#state,
      events: this.#events,
      steps: this.#steps,
      ...(this.#lastStep === undefined ? {} : { lastStep: this.#lastStep }),
      points: this.#points,
      bytes,
      gaps: this.#events.gap ?? 0,
      ...(tail === undefined ? {} : { tail }),
      ...(this.#endedAt === undefined ? {} : { endedAt: this.#endedAt }),
    };
  }
}
