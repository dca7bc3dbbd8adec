import { Buffer } from "node:buffer";
import {
  type LosslessObject,
  type LosslessValue,
  parseLosslessJson,
} from "../../src/codec/lossless_json.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { decoded, mediaIds } from "../adapters/wandb/truth_values.ts";
import { at, itemsAt, textAt } from "../interop/json_path.ts";
import { pngPixels } from "./png_pixels.ts";
import { mediaKeys } from "./score_rows.ts";
import { loggedRows, type ScoredRun, truthList } from "./scored_run.ts";
import type { Scorecard } from "./scorecard.ts";
import { sha256, type StoredItem, type StoredRun } from "./stored_run.ts";

/** One media object that the program logged. */
interface Logged {
  readonly what: string;
  /** Its entry in truth.json. */
  readonly truth: JsonObject;
  readonly card: Scorecard;
  readonly stored: StoredRun;
}

/** Every picture, sound, page, model, table and chart, byte by byte or row by row. */
export function scoreMedia(run: ScoredRun, card: Scorecard): void {
  const { stored } = run;
  for (const row of loggedRows(run)) {
    const media = (row.part.truth["media"] ?? {}) as JsonObject;
    for (const key of mediaKeys(row.data)) {
      const value = key.split(".").reduce<Json>(inside, row.data);
      const ids = mediaIds(value);
      const items = stored.media.get(key)?.get(String(row.step)) ?? [];
      const what = `${key} @ ${row.step}`;
      const truths = ids.map((id) => (media[id] ?? {}) as JsonObject);
      if (ids.length === 0) scoreArray(card, what, items[0], decoded(value) as Json[]);
      if (ids.length > 0) {
        card.equal("media", `number of items of ${what}`, items.length, ids.length);
        for (const [place, truth] of truths.entries()) {
          scoreItem({ what: `${what} #${place}`, truth, card, stored }, items[place]);
        }
      }
    }
  }
  scoreSummaryMedia(run, card);
}

/** What a name leads to; a name with a dot of its own is taken whole first. */
function inside(value: Json, name: string): Json {
  const found = (value as JsonObject)[name];
  if (found !== undefined) return found;
  return Object.entries(value as JsonObject).find(([key]) => key === name)?.[1] ?? null;
}

const types: { readonly [kind: string]: string } = {
  // The newest SwanLab client sends GIFs as pictures: hosts have no columns for videos yet.
  image: "IMAGE",
  video: "IMAGE",
  audio: "AUDIO",
  html: "HTML",
  molecule: "MOLECULE",
  object3D: "OBJECT3D",
};

function scoreItem(logged: Logged, item: StoredItem | undefined): void {
  const { what, truth, card, stored } = logged;
  const kind = String(truth["kind"]);
  const type = textAt(stored.columns.get(what.replace(/ @ \d+ #\d+$/, "")), "type");
  card.equal("media", `type of ${what}`, type, types[kind] ?? "ECHARTS");
  card.holds("media", `no ${what}`, item !== undefined);
  if (item === undefined) return;
  const caption = typeof truth["caption"] === "string" ? truth["caption"] : undefined;
  card.equal("captions", what, item.caption, caption);
  const json = types[kind] === undefined ? parsed(item) : null;
  if (kind === "histogram") scoreHistogram(logged, json);
  else if (kind === "object3D" && truth["points"] === undefined) scoreMesh(logged, item);
  else if (kind === "object3D") scoreCloud(logged, parsed(item));
  else if (kind === "plotly") scoreFigure(logged, json);
  else if (kind === "table") scoreTable(logged, json, truth["data"] as Json);
  else if (kind === "incremental_table") scoreTable(logged, json, truth["new_rows"] as Json);
  else if (kind === "custom_chart") scoreChart(logged, json);
  else scoreContent(logged, item);
  if (truth["boxes"] !== undefined) scoreBoxes(logged);
}

function parsed({ text }: StoredItem): LosslessValue {
  return parseLosslessJson(text);
}

/** Bytes where the client kept them, else the pixels, else what it kept of a page. */
function scoreContent({ what, truth, card }: Logged, { bytes, text }: StoredItem): void {
  if (truth["byte_identical"] === true) {
    card.equal("media", `bytes of ${what}`, sha256(bytes), truth["source_sha256"] as string);
  } else if (truth["kind"] === "image") {
    const pixels = pngPixels(bytes);
    card.equal("media", `width of ${what}`, pixels?.width, truth["width"] as number);
    card.equal("media", `height of ${what}`, pixels?.height, truth["height"] as number);
    if (truth["source_sha256"] === undefined) return;
    const hash = sha256(pixels?.bytes ?? new Uint8Array());
    card.equal("media", `pixels of ${what}`, hash, truth["source_sha256"] as string);
  } else {
    const body = /<body>.*<\/body>/.exec(String(truth["text"]))?.[0] ?? "";
    card.holds("media", `${what} is ${text}`, body !== "" && text.includes(body));
  }
}

/** A surface that SwanLab shows, and the file as it was logged. */
function scoreMesh({ what, truth, card, stored }: Logged, { bytes }: StoredItem): void {
  const isBinary = Buffer.from(bytes).toString("latin1", 0, 4) === "glTF";
  card.holds("media", `${what} is no glTF`, isBinary);
  const hashes = [...stored.files.values()].map((file) => file.sha256);
  card.holds("media", `no file of ${what}`, hashes.includes(truth["source_sha256"] as string));
}

function scoreBoxes({ what, truth, card, stored }: Logged): void {
  const boxes = [...stored.files].filter(([path]) => path.endsWith(".boxes2D.json"))
    .map(([, { bytes }]) => parseLosslessJson(Buffer.from(bytes).toString()));
  const expected = at(truth["boxes"] as LosslessValue, "predictions", "box_data");
  card.equal("media", `boxes of ${what}`, at(boxes[0], "box_data"), expected);
  const masks = [...stored.files].filter(([path]) => path.endsWith(".mask.png"))
    .map(([, { bytes }]) => sha256(pngPixels(bytes)?.bytes ?? new Uint8Array()));
  const mask = textAt(truth["mask"] as LosslessValue, "pixels_sha256");
  card.equal("media", `mask of ${what}`, masks, [mask]);
}

function scoreCloud({ what, truth, card }: Logged, json: LosslessValue): void {
  const points = itemsAt(json, "points").map((point) => itemsAt({ point }, "point").slice(0, 3));
  card.equal("media", `points of ${what}`, points, truth["points"] as LosslessValue);
}

/** How many of the numbers lie between each two edges. */
function counts(numbers: readonly number[], edges: readonly number[]): readonly number[] {
  return edges.slice(1).map((end, bin) =>
    numbers.filter((number) =>
      number >= (edges[bin] ?? 0) && (number < end || (bin === edges.length - 2 && number === end))
    ).length
  );
}

function scoreHistogram({ what, truth, card }: Logged, json: LosslessValue): void {
  const edges = itemsAt(json, "histogram", "bins").map(Number);
  const data = truth["data"] as readonly number[] | undefined;
  const expected = data === undefined ? truth["values"] as LosslessValue : counts(data, edges);
  card.equal("charts", `counts of ${what}`, at(json, "histogram", "values"), expected);
  const [series] = itemsAt(json, "series");
  card.equal("charts", `bars of ${what}`, at(series, "data"), expected);
  card.equal("charts", `kind of ${what}`, at(series, "type"), "bar");
  const least = data === undefined ? (truth["bins"] as number[])[0] : Math.min(...data);
  card.equal("charts", `first edge of ${what}`, edges[0], least);
  if (data !== undefined) return;
  card.equal("charts", `edges of ${what}`, edges, truth["bins"] as LosslessValue);
}

/** An array of numpy that the client made a histogram of. */
function scoreArray(
  card: Scorecard,
  what: string,
  item: StoredItem | undefined,
  numbers: readonly Json[],
): void {
  card.holds("charts", `no ${what}`, item !== undefined);
  const json = item === undefined ? null : parsed(item);
  const edges = itemsAt(json, "histogram", "bins").map(Number);
  card.equal("charts", `bins of ${what}`, edges.length, 33);
  const values = itemsAt(json, "histogram", "values").map(Number);
  const sum = values.reduce((all, one) => all + one, 0);
  card.equal("charts", `sum of ${what}`, sum, numbers.length);
}

function scoreFigure({ what, truth, card }: Logged, json: LosslessValue): void {
  const xs = truth["x"] as readonly number[];
  const ys = truth["y"] as readonly number[];
  const [series] = itemsAt(json, "series");
  card.equal("charts", `data of ${what}`, at(series, "data"), xs.map((x, at) => [x, ys[at] ?? 0]));
  const title = itemsAt({ titles: [at(json, "title") ?? null].flat() }, "titles")[0];
  card.equal("charts", `title of ${what}`, textAt(title, "text"), "synthetic");
}

/** W&B's own file has the class in place of media in a cell. */
const cells: { readonly [cell: string]: string } = { "<image>": "Image", "<audio>": "Audio" };

function scoreTable({ what, truth, card, stored }: Logged, json: LosslessValue, rows: Json): void {
  const columns = truth["columns"] as readonly string[];
  const fields = itemsAt(json, "colDefs").map((column) => textAt(column, "field"));
  card.equal("tables", `columns of ${what}`, fields, columns);
  const found = itemsAt(json, "rowData").map((row) => columns.map((name) => at(row, name) ?? null));
  const expected = (decoded(rows) as Json[][]).map((row) =>
    row.map((cell) => Number.isNaN(cell) ? "NaN" : cells[String(cell)] ?? cell as LosslessValue)
  );
  card.equal("tables", `rows of ${what}`, found, expected);
  const hash = truth["cell_pixels_sha256"];
  if (hash === undefined) return;
  const pictures = [...stored.files.values()].map(({ bytes }) =>
    sha256(pngPixels(bytes)?.bytes ?? new Uint8Array())
  );
  card.holds("tables", `no picture of a cell of ${what}`, pictures.includes(hash as string));
}

function scoreChart({ what, truth, card }: Logged, json: LosslessValue): void {
  const [series] = itemsAt(json, "series");
  const data = truth["data"] as LosslessValue;
  card.equal("charts", `data of ${what}`, at(series, "data"), data);
  card.equal("charts", `title of ${what}`, at(json, "title", "text"), truth["title"] as string);
  const table: LosslessValue[] = [truth["columns"] as LosslessValue];
  card.equal("charts", `table of ${what}`, at(json, "wandb", "source"), [
    ...table,
    ...(data as LosslessValue[]),
  ]);
}

function scoreSummaryMedia({ parts, stored }: ScoredRun, card: Scorecard): void {
  for (const part of parts) {
    const media = (part.truth["media"] ?? {}) as JsonObject;
    for (const { key, value } of truthList(part, "summary_set")) {
      for (const id of mediaIds(value ?? null)) {
        const truth = media[id] as JsonObject;
        const entry = at(
          stored.card,
          ...["profile", "config", "wandb.summary", "value", String(key)],
        );
        const summary = (entry ?? {}) as LosslessObject;
        const file = stored.files.get(textAt(summary, "path"));
        const pixels = pngPixels(file?.bytes ?? new Uint8Array())?.bytes ?? new Uint8Array();
        card.equal("summary", `pixels of ${key}`, sha256(pixels), truth["source_sha256"] as string);
        card.equal("summary", `caption of ${key}`, summary["caption"], truth["caption"] as string);
      }
    }
  }
}
