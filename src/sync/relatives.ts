import type { Context, RunPart, Source } from "../adapter.ts";
import { SourceError, TransientError } from "../errors.ts";
import { beganBefore } from "../model/began_before.ts";
import type { RunInfo, RunRef } from "../model/run.ts";
import type { Found } from "./plan.ts";
import { openRun } from "./sync.ts";

/**
 * Which of the run directories that were found are parts of one run. They are opened only once
 * somebody wants to know, as far as their identity.
 */
export class Relatives {
  #refs: readonly RunRef[];
  readonly #sources: readonly Source[];
  readonly #context: Context;
  #parts: Promise<ReadonlyMap<string, readonly RunPart[]>> | undefined;
  /** What broke off on its way to a destination. */
  readonly #broken = new Set<string>();
  /** Paths of those that nobody need wait for any more. */
  readonly #tried = new Set<string>();

  constructor(found: readonly Found[], sources: readonly Source[], context: Context) {
    this.#refs = refsOf(found);
    this.#sources = sources;
    this.#context = context;
  }

  /** From now on these were found; or the same ones, if some of them may tell more of themselves. */
  renew(found?: readonly Found[]): void {
    if (found !== undefined) this.#refs = refsOf(found);
    this.#parts = undefined;
  }

  /**
   * Every run directory that was found with the id and the tracker of this one, which is among
   * them.
   */
  async of(info: RunInfo): Promise<readonly RunPart[]> {
    this.#parts ??= this.#open();
    return (await this.#parts).get(familyOf(info)) ?? [];
  }

  /**
   * The same, for somebody who is about to send it to a destination.
   * @throws {TransientError} when an earlier part broke off on its way there: steps and lines of
   * this one go on behind the last ones of that, which are not known there yet.
   */
  async ready(info: RunInfo, destination: string): Promise<readonly RunPart[]> {
    const parts = await this.of(info);
    const missing = parts.find((part) =>
      beganBefore(part.info, info) && this.#broken.has(wayOf(part.info, destination))
    );
    if (missing === undefined) return parts;
    throw new TransientError(
      `Cannot send ${info.path} yet: ${missing.info.path}, an earlier part of the run, has not ` +
        `arrived at ${destination}`,
      { hint: "Run the same command again: the parts of a run go in their order." },
    );
  }

  /** Whether a part was found that began later. */
  async hasLater(info: RunInfo): Promise<boolean> {
    return (await this.of(info)).some((part) => beganBefore(info, part.info));
  }

  /** Whether a part was found that began earlier and that nobody has tried to send yet. */
  async isEarly(info: RunInfo): Promise<boolean> {
    const parts = await this.of(info);
    return parts.some((part) => beganBefore(part.info, info) && !this.#tried.has(part.info.path));
  }

  /** Takes note that all there was of the run directory at a path was sent, or could not be. */
  tried(path: string): void {
    this.#tried.add(path);
  }

  /** Takes note of whether a run directory broke off on its way to a destination. */
  note(info: RunInfo, destination: string, broke: boolean): void {
    if (broke) this.#broken.add(wayOf(info, destination));
    else this.#broken.delete(wayOf(info, destination));
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
      // There is nothing in it yet that could be waited for.
      if (reader.isYoung === true) this.tried(reader.info.path);
      return { info: reader.info, open };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return undefined;
    }
  }
}

function refsOf(found: readonly Found[]): readonly RunRef[] {
  return found.flatMap((each) => each.type === "run" ? [each.ref] : []);
}

function wayOf({ path }: RunInfo, destination: string): string {
  return JSON.stringify([path, destination]);
}

function familyOf({ id, writer }: RunInfo): string {
  return JSON.stringify([writer.tracker, id]);
}
