import { Buffer } from "node:buffer";
import type { JournalEdit } from "./history.ts";
import type { DirectoryNode, FileNode, ModelDisk } from "./model_disk.ts";
import { stateFolder } from "./places.ts";

/** Does something to the state directory that only people do. */
export function editState(disk: ModelDisk, edit: JournalEdit): void {
  const slot = disk.slot(stateFolder, false);
  if (slot.node?.kind !== "directory") return;
  if (edit === "delete") disk.put(slot, undefined);
  else for (const journal of journalsIn(slot.node)) rewrite(disk, journal, edit);
  disk.syncAll();
}

/** What a journal says of the last time that something was opened. */
interface Opening {
  readonly host: string;
  readonly path: string;
  readonly destination: string;
}

/** The last opening of each journal. */
export function openings(disk: ModelDisk): readonly Opening[] {
  const { node } = disk.slot(stateFolder, false);
  if (node?.kind !== "directory") return [];
  return journalsIn(node).flatMap(({ content }) => {
    const last = content.toString().split("\n").findLast(isOpening);
    return last === undefined ? [] : [JSON.parse(last)];
  });
}

function isOpening(line: string): boolean {
  return line.startsWith('{"type":"open"') && line.endsWith("}");
}

function journalsIn(directory: DirectoryNode): readonly FileNode[] {
  return [...directory.entries].flatMap(([name, node]) => {
    if (node.kind === "directory") return journalsIn(node);
    return node.kind === "file" && name.endsWith(".jsonl") ? [node] : [];
  });
}

function rewrite(disk: ModelDisk, journal: FileNode, edit: Exclude<JournalEdit, "delete">): void {
  const text = journal.content.toString();
  const lines = text.split(/(?<=\n)/);
  const edits = {
    "drop last": (): string => lines.slice(0, -1).join(""),
    "tear last": (): string => text.slice(0, -5),
    "repeat first": (): string => text + (lines[0] ?? ""),
    "other host": (): string => text.replaceAll('"host":"', '"host":"other-'),
  };
  disk.write(journal, Buffer.from(edits[edit]()));
}
