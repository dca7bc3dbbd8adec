import type { Context, RunPart, Source } from "../adapter.ts";
import { SourceError } from "../errors.ts";
import type { RunInfo, RunRef } from "../model/run.ts";
import type { Found } from "./plan.ts";
import { openRun } from "./sync.ts";

/**
 * Which of the run directories that were found are parts of one run. They are opened only once
 * somebody wants to know, as far as their identity.
 */
export class Relatives {
  readonly #refs: readonly RunRef[];
  readonly #sources: readonly Source[];
  readonly #context: Context;
  #parts: Promise<ReadonlyMap<string, readonly RunPart[]>> | undefined;

  constructor(found: readonly Found[], sources: readonly Source[], context: Context) {
    this.#refs = found.flatMap((each) => each.type === "run" ? [each.ref] : []);
    this.#sources = sources;
    this.#context = context;
  }

  /**
   * Every run directory that was found with the id and the tracker of this one, which is among
   * them.
   */
  async of(info: RunInfo): Promise<readonly RunPart[]> {
    this.#parts ??= this.#open();
    return (await this.#parts).get(familyOf(info)) ?? [];
  }

  async #open(): Promise<ReadonlyMap<string, readonly RunPart[]>> {
    const families = new Map<string, RunPart[]>();
    for (const ref of this.#refs) {
      const part = await this.#part(ref);
      if (part === undefined) continue;
      const name = familyOf(part.info);
      const family = families.get(name);
      if (family === undefined) families.set(name, [part]);
      else family.push(part);
    }
    return families;
  }

  /** What cannot be opened is reported by whoever wants to send it. */
  async #part(ref: RunRef): Promise<RunPart | undefined> {
    const open = (): ReturnType<RunPart["open"]> => openRun(ref, this.#sources, this.#context);
    try {
      await using reader = await open();
      return { info: reader.info, open };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return undefined;
    }
  }
}

function familyOf({ id, writer }: RunInfo): string {
  return JSON.stringify([writer.tracker, id]);
}
