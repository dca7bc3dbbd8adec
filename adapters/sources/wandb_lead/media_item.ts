import type { MediaItem } from "../../../src/model/event.ts";
import type { FileRef } from "../../../src/model/file.ts";
import { type Integer, type Json, type JsonObject, setKey } from "../../../src/model/json.ts";
import { own, type Tree } from "./value_tree.ts";

/** What a media value needs to know besides itself. */
export interface MediaPlace {
  readonly key: string;
  readonly step: Integer;
  /** The file behind a "wandb-client-artifact://…" address, if the log tells it. */
  resolve(address: string): FileRef | undefined;
}

/** Fields of a media value that an item has a place of its own for. */
const ordinary: ReadonlySet<string> = new Set(["_type", "path", "sha256", "size", "caption"]);

/** A media value of one file: the file, its caption, and everything else as data. */
export function single(value: JsonObject, place: MediaPlace): readonly MediaItem[] {
  const file = fileOf(value, place);
  const caption = own(value, "caption");
  const data = without(value, ordinary);
  return [{
    ...(file === undefined ? {} : { file }),
    ...(typeof caption === "string" ? { caption } : {}),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  }];
}

/** A value as a list, an empty one when it is none. */
export function array(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** The file of a media value, by its path or the address of an artifact's file. */
export function fileOf(value: JsonObject, place: MediaPlace): FileRef | undefined {
  const path = own(value, "path");
  const address = own(value, "artifact_path");
  if (typeof path !== "string") {
    return typeof address === "string" ? place.resolve(address) : undefined;
  }
  const bytes = own(value, "size");
  const sha256 = own(value, "sha256");
  return {
    path: pathOf(path),
    ...(typeof bytes === "number" ? { bytes } : {}),
    ...(typeof sha256 === "string" ? { sha256 } : {}),
  };
}

/** The path of a file in the run directory. Records name files relative to `files/`, those from Windows with backslashes. */
export function pathOf(path: string): string {
  return `files/${path.replaceAll("\\", "/")}`;
}

/** An object without some of its members. */
export function without(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  const rest: Tree = {};
  for (const [name, part] of Object.entries(value)) if (!names.has(name)) setKey(rest, name, part);
  return rest;
}
