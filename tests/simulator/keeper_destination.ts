import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type {
  Destination,
  Loss,
  Receipt,
  RunFiles,
  RunWriter,
  Verdict,
} from "../../src/adapter.ts";
import { tallyDifferences } from "../../src/archive/tally_difference.ts";
import { SourceError, systemCode, TransientError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { Tally } from "../../src/model/tally.ts";
import { TallyBuilder } from "../../src/model/tally_builder.ts";
import type { Kept, ModelKeeper } from "./model_keeper.ts";
import type { ModelProcess } from "./model_process.ts";

/** A client of the model keeper. */
export function keeperDestination(keeper: ModelKeeper, process: ModelProcess): Destination {
  const ask: Ask = async (name, act) => {
    try {
      return await process.step({ name, subject: "keeper", act: () => act(keeper) });
    } catch (error) {
      if (systemCode(error) !== "ECONNRESET") throw error;
      throw new TransientError("The connection was lost", { cause: error });
    }
  };
  return {
    name: "keeper",
    capabilities: { assurance: "exact", keepsSource: true, keepsEvents: true },
    check: () => Promise.resolve({ name: "model" }),
    async open(run): Promise<RunWriter> {
      const stamp = await run.stamp();
      const old = await ask("question", (runs) => runs.get(keyOf(run)));
      return new KeeperWriter(run, ask, stamp, old);
    },
  };
}

/** Asks the keeper something. */
type Ask = <Result>(name: string, act: (keeper: ModelKeeper) => Result) => Promise<Result>;

/** Under what a run is kept. */
function keyOf({ info }: RunFiles): string {
  return info.path;
}

class KeeperWriter implements RunWriter {
  readonly remote: { readonly id: string };
  readonly held: Tally | undefined;
  readonly #run: RunFiles;
  readonly #ask: Ask;
  readonly #stamp: string;
  readonly #events: RunEvent[] = [];

  constructor(run: RunFiles, ask: Ask, stamp: string, old: Kept | undefined) {
    this.remote = { id: run.info.id };
    this.#run = run;
    this.#ask = ask;
    this.#stamp = stamp;
    this.held = old?.stamp === stamp ? old.tally : undefined;
  }

  write(batch: readonly RunEvent[]): Promise<Receipt> {
    this.#events.push(...batch);
    return this.flush();
  }

  flush(): Promise<Receipt> {
    return Promise.resolve({ through: this.#events.length - 1, present: 0, losses: [] });
  }

  expect(): Promise<void> {
    return Promise.resolve();
  }

  async finish(tally: Tally): Promise<Receipt> {
    const files = new Map<string, Buffer>();
    const losses: Loss[] = [];
    for await (const { path, kind } of this.#run.entries()) {
      if (kind !== "file") continue;
      const content = await this.#content(path);
      if (content === undefined) losses.push(unread(path));
      else files.set(path, content);
    }
    // What lacks something is not taken for the run: it is sent again.
    const stamp = losses.length === 0 ? this.#stamp : "";
    const kept = { stamp, events: this.#events, files };
    const announced = losses.length > 0 ? undefined : { ...tally, files: tallyOf(kept).files };
    const all = { ...kept, tally: announced };
    await this.#ask("request", (keeper) => keeper.set(keyOf(this.#run), all));
    return { through: this.#events.length - 1, present: 0, losses };
  }

  async verify(tally: Tally): Promise<Verdict> {
    const kept = await this.#ask("question", (keeper) => keeper.get(keyOf(this.#run)));
    const differences = kept === undefined
      ? ["Nothing is held."]
      : tallyDifferences(tally, tallyOf(kept));
    return { assurance: "exact", differences };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #content(path: string): Promise<Buffer | undefined> {
    try {
      const pieces = await Array.fromAsync(await this.#run.file({ path }));
      return Buffer.concat(pieces);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return undefined;
    }
  }
}

function unread(path: string): Loss {
  return { kind: "rejected", reason: "file not read", example: path };
}

/** What is really kept of a run. */
function tallyOf({ events, files }: Pick<Kept, "events" | "files">): Tally {
  const builder = new TallyBuilder();
  for (const event of events) builder.add(event);
  for (const [path, bytes] of files) {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    builder.file(path, { bytes: bytes.length, sha256 });
  }
  return builder.result();
}
