import { join, resolve } from "node:path";
import type {
  Account,
  Context,
  Destination,
  Remote,
  RunFiles,
  RunWriter,
} from "../../../src/adapter.ts";
import { SourceError } from "../../../src/errors.ts";
import { plainName } from "../../../src/archive/names.ts";
import { checkWritable, isMissing, refuseInside } from "./root.ts";
import { Shelf } from "./shelf.ts";
import { ArchiveWriter } from "./writer.ts";

/** How archives are written. */
export interface ArchiveOptions {
  /** Whether the run directory is kept byte for byte besides the events; by default it is. */
  readonly keepSource?: boolean;
  /** Who writes, such as "runferry 0.1.0". */
  readonly tool?: string;
}

/** A folder of tar files, one per run directory, at "PROJECT/NAME.tar"; see FORMAT.md. */
export function archive(
  root: string,
  options: ArchiveOptions = {},
): Destination {
  return new Archive(resolve(root), options);
}

class Archive implements Destination {
  readonly name: string;
  readonly capabilities: Destination["capabilities"];
  readonly #root: string;
  readonly #tool: string;
  /** By folder, so that each is listed once. */
  readonly #shelves = new Map<string, Promise<Shelf>>();

  constructor(root: string, options: ArchiveOptions) {
    const { keepSource = true, tool = "runferry" } = options;
    this.name = `archive:${root}`;
    this.capabilities = { assurance: "exact", keepsSource: keepSource, keepsEvents: true };
    this.#root = root;
    this.#tool = tool;
  }

  async check(): Promise<Account> {
    await checkWritable(this.#root);
    return { name: this.#root };
  }

  isGone({ id }: Remote): Promise<boolean> {
    return isMissing(join(this.#root, id));
  }

  async open(
    run: RunFiles,
    _key: string,
    _saved: Remote | undefined,
    context: Context,
  ): Promise<RunWriter> {
    const { keepsSource } = this.capabilities;
    const { info } = run;
    await refuseInside(this.#root, info.path);
    const project = plainName(info.project ?? "", "uncategorized");
    const shelf = await this.#shelf(join(this.#root, project), context);
    const name = plainName(info.directory, "run");
    const older = await shelf.ofRun(name, info.id);
    const stamp = await stampOf(run);
    const same = older.find(({ manifest }) =>
      stamp !== "" && manifest.stamp === stamp && manifest.complete &&
      (manifest.keepsSource || !keepsSource)
    );
    return new ArchiveWriter({
      run,
      root: this.#root,
      tool: this.#tool,
      keepsSource,
      shelf,
      name,
      older,
      stamp,
      ...(same === undefined ? {} : { same }),
    });
  }

  #shelf(folder: string, context: Context): Promise<Shelf> {
    let shelf = this.#shelves.get(folder);
    if (shelf === undefined) {
      shelf = Shelf.open(folder, context);
      this.#shelves.set(folder, shelf);
    }
    return shelf;
  }
}

/** The state of the source, or "" when a part of it cannot be read, so that nothing equals it. */
async function stampOf(run: RunFiles): Promise<string> {
  try {
    return await run.stamp();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return "";
  }
}
