import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { CancelledError } from "../../../src/errors.ts";
import { runDirectory } from "../../../src/files/run_directory.ts";
import type { SourceEntry } from "../../../src/model/file.ts";
import { inScratch } from "../../contract/scratch.ts";
import { ferry, ferryWhole, filesBelow } from "./ferry.ts";
import { runOf, type RunParts, sampleEvents, writeRunDirectory } from "./sample_run.ts";

/** Counts down the steps of reading; the last one fails. */
class Fuse {
  /** Set when it did fail. */
  blown = false;
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  step(): void {
    if (this.#left-- > 0) return;
    this.blown = true;
    throw new CancelledError();
  }
}

/** What reads a run directory until the fuse blows: at an entry, a file, or a piece of one. */
function fused(directory: string, fuse: Fuse): RunParts["files"] {
  const files = runDirectory(directory, { followOutside: false });
  return {
    async *entries(): AsyncGenerator<SourceEntry> {
      for await (const entry of files.entries()) {
        fuse.step();
        yield entry;
      }
    },
    async file(ref): Promise<ReadableStream<Uint8Array>> {
      fuse.step();
      const watch = new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, controller): void {
          fuse.step();
          controller.enqueue(piece);
        },
      });
      return (await files.file(ref)).pipeThrough(watch);
    },
  };
}

for (const grown of [false, true]) {
  const before = grown ? "the old tar" : "nothing";
  test(`a sync broken off at any step leaves ${before} and no temporary file`, () =>
    inScratch(async (scratch) => {
      const directory = writeRunDirectory(scratch);
      if (grown) {
        await ferryWhole(runOf(directory), join(scratch, "a"));
        appendFileSync(join(directory, "log"), "more\n");
      }
      const events = sampleEvents(25);
      const state = (): unknown => grown ? filesBelow(join(scratch, "a")) : undefined;
      const old = state();
      let steps = 0;
      for (;; steps++) {
        const fuse = new Fuse(steps);
        const run = runOf(directory, { events, files: fused(directory, fuse) ?? {} });
        const { status, error } = await ferry(run, join(scratch, "a"));
        if (!fuse.blown) {
          assert.equal(status, "done");
          break;
        }
        assert.equal(error?.code, "cancelled");
        if (grown) assert.deepEqual(state(), old);
        else if (steps > 10) assert.deepEqual([...filesBelow(join(scratch, "a"))], []);
      }
      assert.ok(steps > 15, `${steps} steps`);
      assert.deepEqual([...filesBelow(join(scratch, "a")).keys()], ["project/run-1.tar"]);
    }));
}

test("what a killed sync left behind is gone after the next one", () =>
  inScratch(async (scratch) => {
    const directory = writeRunDirectory(scratch);
    const script = join(import.meta.dirname ?? "", "stuck_sync.ts");
    const child = spawn(process.execPath, [script, directory, join(scratch, "a")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "close");
    const left = [...filesBelow(join(scratch, "a")).keys()];
    assert.equal(left.length, 1);
    assert.match(left[0] ?? "", /^project\/\.runferry-.*\.part$/);
    await ferryWhole(runOf(directory), join(scratch, "a"));
    assert.deepEqual([...filesBelow(join(scratch, "a")).keys()], ["project/run-1.tar"]);
  }));
