import type { Context, RunFiles } from "../../../src/adapter.ts";
import type { HeldRun } from "./held_run.ts";
import type { Overlap } from "./overlap.ts";
import type { Project, ProjectName } from "./project.ts";
import type { RemoteRun } from "./remote_run.ts";
import type { Segment } from "./segment.ts";
import type { Session } from "./session.ts";

/** How runs are delivered, whatever the run. */
export interface DeliveryOptions {
  /** Whether verifying compares the content of every object too. */
  readonly exact: boolean;
  /** Whether the run's own start and end are given instead of the time of the request. */
  readonly originalTimes: boolean;
  /** Whether the x axes that a run defines are kept. */
  readonly xAxis: "step" | "defined";
  /** Who we are: "runferry 0.1.0". */
  readonly tool: string;
}

/** One run, and where it goes. */
export interface WriterOptions extends DeliveryOptions {
  readonly context: Context;
  readonly session: Session;
  readonly run: RunFiles;
  readonly wanted: ProjectName;
  /** Absent when the project is to be made. */
  readonly found?: Project;
  /** The id that the run has or will have. */
  readonly id: string;
  /** Whether another id will do when this one lives in another project. */
  readonly mayCopy: boolean;
  /** The part of the run that this directory is. */
  readonly segment: Segment;
  /** What other parts have of the run. */
  readonly overlap: Overlap;
  /** The run as it was at the host before, and what it had. */
  readonly before?: { readonly run: RemoteRun; readonly held: HeldRun };
}
