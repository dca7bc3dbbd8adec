import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { generateSwanlab } from "../generate/swanlab_run.ts";
import { generateWandb } from "../generate/wandb_run.ts";
import { type Login, logRun } from "../interop/official_client.ts";

/** One run to upload, and who else can. */
export interface UploadCase {
  readonly name: string;
  /** The run directory. */
  readonly path: string;
  /** How often it is worth measuring: long ones once. */
  readonly repeats: number;
  /** Arguments for the official program, to upload it into a project. */
  official(login: Login, project: string): readonly string[];
}

const keys = 10;
const imagesScript = join(import.meta.dirname ?? ".", "log_images.py");

function syncWords(path: string): UploadCase["official"] {
  return (
    { url, key, user },
    project,
  ) => ["sync", path, "-h", url, "-k", key, "-w", user, "-p", project];
}

function scalars(rows: number, directory: string): UploadCase {
  const place = join(directory, `swanlab-${rows}`);
  mkdirSync(place, { recursive: true });
  const { path } = generateSwanlab({ directory: place, rows, keys, seed: 1 });
  const name = `swanlab, ${keys} keys × ${rows.toLocaleString("en-US")} steps`;
  return { name, path, repeats: rows > 10_000 ? 1 : 3, official: syncWords(path) };
}

function wandb(rows: number, directory: string): UploadCase {
  const place = join(directory, `wandb-${rows}`);
  mkdirSync(place, { recursive: true });
  const { path } = generateWandb({ directory: place, rows, keys, seed: 1 });
  return {
    name: `wandb, ${keys} keys × ${rows.toLocaleString("en-US")} steps`,
    path,
    repeats: 2,
    official: ({ user }, project) =>
      ["convert", "-t", "wandb-local", "-w", user, "-p", project, "-l", join(place, "swanlog")]
        .concat(["--wb-run-dir", path]),
  };
}

async function images(directory: string, programs: string): Promise<UploadCase> {
  const place = join(directory, "images");
  const path = await logRun(imagesScript, [], { programs, directory: place });
  return { name: "swanlab, 200 images of 100 kB", path, repeats: 3, official: syncWords(path) };
}

/** All cases, made below a directory. `programs` is where the official client lives. */
export async function uploadCases(
  directory: string,
  programs: string,
): Promise<readonly UploadCase[]> {
  return [
    scalars(1000, directory),
    scalars(10_000, directory),
    scalars(100_000, directory),
    await images(directory, programs),
    wandb(10_000, directory),
  ];
}
