import { keyText } from "./item_text.ts";
import type { Column } from "./mapping/outbox.ts";
import type { PointLane } from "./point_lane.ts";
import type { KeyOverlap } from "./overlap.ts";
import type { Steps } from "./step_groups.ts";
import { SeriesTally } from "./series_tally.ts";
import { StepSet } from "./step_set.ts";

/** A column of the run on its way, with what is expected of it at the host. */
export class Series {
  readonly column: Column;
  /** Beginning of the text of each of its points. */
  readonly text: string;
  /** Where its points go, so that they arrive in order. */
  readonly lane: PointLane;
  /** What the host had of it before. */
  readonly held: Steps | undefined;
  /** What other parts of the run have of it; undefined where none has anything. */
  readonly overlap: KeyOverlap | undefined;
  /** Every point that the host should have, but for {@link unread}. */
  readonly expected: SeriesTally = new SeriesTally();
  /** Steps whose media the host had before, and whose content was not read here. */
  readonly unread: StepSet = new StepSet();

  constructor(
    column: Column,
    lane: PointLane,
    held: Steps | undefined,
    overlap?: KeyOverlap,
  ) {
    this.column = column;
    this.text = keyText(column.key);
    this.lane = lane;
    this.held = held;
    this.overlap = overlap;
  }
}
