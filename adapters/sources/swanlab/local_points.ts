import type { Buffer } from "node:buffer";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RunFiles, Tail } from "../../../src/adapter.ts";
import {
  type LosslessValue,
  MalformedJson,
  parseLosslessJson,
} from "../../../src/codec/lossless_json.ts";
import { SourceError, systemCode } from "../../../src/errors.ts";
import { fileError } from "../../../src/files/byte_source.ts";
import type { Integer } from "../../../src/model/json.ts";
import { asArray, asInteger, member } from "./json_fields.ts";
import { readSmallFile } from "../../../src/files/small_file.ts";
import { textLines } from "./text_lines.ts";

/** The longest line, in bytes: a point is a number, file names, or up to 108 texts. */
const longestLine = 8 * 1024 * 1024;
/** The longest file of a whole JSON text, in bytes: at most 1000 points. */
const longestFile = 8 * 1024 * 1024;

const openBrace = 0x7b;

/** Names of the files of one key: how many points there are when it is full, at most 1000 each. */
export const dataFile: RegExp = /^(\d+)\.(log|json)$/;

/** One point of one key, before its meaning is known. */
export interface LocalPoint {
  readonly step: Integer;
  readonly point: LosslessValue;
}

/** What lies where a point should be. */
export interface LocalDamage {
  readonly damage: Tail;
  /** Whether it is at the end of the file, where a line may just have been written. */
  readonly isTail: boolean;
}

/** Names of the folders below `logs/`, one for each key, in numeric order. */
export async function keyFolders(root: string): Promise<readonly string[]> {
  return (await namesIn(join(root, "logs"))).sort(numerically);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw fileError(directory, error);
  }
}

function numerically(left: string, right: string): number {
  const distance = Number.parseInt(left, 10) - Number.parseInt(right, 10);
  if (distance !== 0 && !Number.isNaN(distance)) return distance;
  return left < right ? -1 : 1;
}

/**
 * The points of the key in `logs/<folder>`, file after file, in arrays. Points are JSON lines from
 * swanlab 0.2.4 on, and before that one JSON object per file. `_summary.json` holds none.
 */
export async function* localPoints(
  root: string,
  folder: string,
  files: Pick<RunFiles, "file">,
): AsyncGenerator<readonly (LocalPoint | LocalDamage)[], void, undefined> {
  let names: string[];
  try {
    names = await namesIn(join(root, "logs", folder));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    yield [unreadable(error.message)];
    return;
  }
  for (const name of names.sort(numerically)) {
    const ending = dataFile.exec(name)?.[2];
    const path = `logs/${folder}/${name}`;
    if (ending === "log") yield* linePoints(path, files);
    else if (ending === "json") yield await objectPoints(path, files);
  }
}

async function* linePoints(
  path: string,
  files: Pick<RunFiles, "file">,
): AsyncGenerator<readonly (LocalPoint | LocalDamage)[], void, undefined> {
  try {
    const stream = await files.file({ path });
    for await (const lines of textLines(stream, longestLine)) {
      const points: (LocalPoint | LocalDamage)[] = [];
      for (const { offset, content, ended } of lines) {
        if (content.length === 0) continue;
        const point = parsePoint(content);
        const reason = `${path}: a line that is no point`;
        points.push(
          point ?? {
            damage: { offset, bytes: content.length, reason },
            isTail: !ended,
          },
        );
      }
      yield points;
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    yield [unreadable(error.message)];
  }
}

function unreadable(reason: string): LocalDamage {
  return { damage: { offset: 0, bytes: 0, reason }, isTail: false };
}

function parsePoint(content: Buffer): LocalPoint | undefined {
  const point = parse(content);
  const step = asInteger(member(point, "index"));
  return point === undefined || step === undefined ? undefined : { step, point };
}

function parse(content: Buffer): LosslessValue | undefined {
  if (content[0] !== openBrace) return undefined;
  try {
    return parseLosslessJson(content.toString("utf8"));
  } catch (error) {
    if (error instanceof MalformedJson) return undefined;
    throw error;
  }
}

async function objectPoints(
  path: string,
  files: Pick<RunFiles, "file">,
): Promise<readonly (LocalPoint | LocalDamage)[]> {
  const read = await readSmallFile(files, path, longestFile);
  if (read === undefined) return [];
  if ("problem" in read) return [unreadable(read.problem)];
  const data = asArray(member(parse(read.content), "data"));
  const bytes = read.content.length;
  if (data === undefined) {
    const reason = `${path}: no list of points`;
    return [{ damage: { offset: 0, bytes, reason }, isTail: false }];
  }
  return data.map((point) => {
    const step = asInteger(member(point, "index"));
    if (step !== undefined) return { step, point };
    return unreadable(`${path}: an entry that is no point`);
  });
}
