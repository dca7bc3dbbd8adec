import type { RunEvent } from "./event.ts";
import type { FileRef } from "./file.ts";

/** The files that an event points to. */
export function fileRefs(event: RunEvent): readonly FileRef[] {
  switch (event.type) {
    case "media":
      return event.items.flatMap(({ file }) => file === undefined ? [] : [file]);
    case "file":
      return [event.file];
    case "artifact":
      return event.entries.flatMap(({ file }) => file === undefined ? [] : [file]);
    default:
      return [];
  }
}
