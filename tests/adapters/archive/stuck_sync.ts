/**
 * A sync that stops in the middle for ever: `bun stuck_sync.ts RUN ARCHIVE` prints "stuck" when the
 * archive is half written.
 */
import process from "node:process";
import { archive } from "../../../adapters/destinations/archive/destination.ts";
import { ferry } from "./ferry.ts";
import { runOf } from "./sample_run.ts";

const [directory = "", root = ""] = process.argv.slice(2);
const run = runOf(directory, {
  files: {
    file(): Promise<ReadableStream<Uint8Array>> {
      process.stdout.write("stuck\n");
      return new Promise(() => setInterval(() => undefined, 1000));
    },
  },
});
await ferry(run, archive(root));
