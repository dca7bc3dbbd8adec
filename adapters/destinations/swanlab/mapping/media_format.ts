import type { MetricKind } from "../../../../src/model/event.ts";
import { figureFile } from "./plotly.ts";
import { pointCloudFile } from "./point_cloud.ts";
import type { ColumnType } from "./outbox.ts";
import { stereolithographyFile } from "./stereolithography.ts";
import { tableFile } from "./table.ts";
import { wavefrontFile } from "./wavefront.ts";

/** What SwanLab makes of a media file. */
export interface MediaFormat {
  readonly type: ColumnType;
  readonly folder: string;
  /** Of the object's name, without the dot. */
  readonly ending: string;
  /** Makes the object of the file, where the file itself is none that SwanLab shows. */
  readonly convert?: (bytes: Uint8Array) => Uint8Array | undefined;
}

/** The columns that SwanLab has for media of its own kinds (swanlab-api §12.1). */
const ownTypes: ReadonlyMap<MetricKind, ColumnType> = new Map([
  ["scalar", "FLOAT"],
  ["image", "IMAGE"],
  ["audio", "AUDIO"],
  ["text", "TEXT"],
  ["video", "VIDEO"],
  ["echarts", "ECHARTS"],
  ["object3d", "OBJECT3D"],
  ["molecule", "MOLECULE"],
  ["html", "HTML"],
]);

/** The column for a kind that SwanLab has too; undefined for others. */
export function columnType(kind: MetricKind): ColumnType | undefined {
  return ownTypes.get(kind);
}

/** Endings that are longer than what follows the last dot. */
const longEnding = /\.((?:swanlab\.)?pts\.json|(?:plotly|bokeh|table|graph)\.json)$/i;

/** The ending of a file's name in lower case, without its dot. */
export function endingOf(path: string): string {
  return (longEnding.exec(path)?.[1] ?? /\.([^./]+)$/.exec(path)?.[1] ?? "").toLowerCase();
}

/**
 * How a file of one of W&B's kinds becomes an object that SwanLab shows; undefined when it cannot.
 * Videos are GIF pictures or nothing: the server has no video columns yet, and the newest client
 * (0.10.3) sends GIF as images.
 */
export function mediaFormat(kind: MetricKind, path: string): MediaFormat | undefined {
  const ending = endingOf(path);
  switch (kind) {
    case "image":
      return { type: "IMAGE", folder: "image", ending: ending === "" ? "png" : ending };
    case "audio":
      return { type: "AUDIO", folder: "audio", ending: ending === "" ? "wav" : ending };
    case "video":
      return ending === "gif" ? { type: "IMAGE", folder: "image", ending } : undefined;
    case "html":
      return { type: "HTML", folder: "html", ending: "html" };
    case "molecule":
      return ending === "pdb" ? { type: "MOLECULE", folder: "molecule", ending } : undefined;
    case "object3d":
      return objectFormat(ending);
    case "table":
      return { type: "ECHARTS", folder: "echarts", ending: "json", convert: tableFile };
    case "plotly":
      return { type: "ECHARTS", folder: "echarts", ending: "json", convert: figureFile };
    default:
      return undefined;
  }
}

function objectFormat(ending: string): MediaFormat | undefined {
  const form = { type: "OBJECT3D", folder: "object3d" } as const;
  if (ending === "glb" || ending === "swanlab.pts.json") return { ...form, ending };
  switch (ending) {
    case "pts.json":
      return { ...form, ending: "swanlab.pts.json", convert: pointCloudFile };
    case "obj":
      return { ...form, ending: "glb", convert: wavefrontFile };
    case "stl":
      return { ...form, ending: "glb", convert: stereolithographyFile };
    default:
      return undefined;
  }
}
