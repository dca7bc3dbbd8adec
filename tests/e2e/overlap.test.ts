import assert from "node:assert/strict";
import { join } from "node:path";
import { mkdirSync, rmSync } from "node:fs";
import { test } from "node:test";
import { startedAt } from "../generate/generated_run.ts";
import { writePart } from "../generate/run_part.ts";
import { MortalHost } from "../soak/mortal_host.ts";
import { inScratch, run } from "./binary.ts";

test("a part whose last steps were left to a later one is not missing them afterwards", () =>
  inScratch(async (directory) => {
    await using host = new MortalHost(join(directory, "store"));
    await host.start();
    const runs = join(directory, "runs");
    mkdirSync(runs);
    const part = { tracker: "swanlab", directory: runs, id: "overlap", startedAt } as const;
    const words = ["sync", runs, "--to", `${host.url}/@${host.user}/p`, "-k", host.key, "--json"]
      .concat(["--state", join(directory, "state")]);
    const first = writePart({ ...part, steps: [0, 130], loss: 1, ended: false });
    assert.equal((await run(words)).code, 0);
    // It has grown to its end, and was resumed a little behind that, before anybody looks again.
    rmSync(first, { recursive: true });
    writePart({ ...part, steps: [0, 139], loss: 1, ended: false });
    writePart({ ...part, startedAt: startedAt + 3_600_000, steps: [131, 200], loss: 2 });
    assert.equal((await run(words)).code, 0);
    const { code, stdout } = await run([...words, "--recheck"]);
    assert.equal(code, 0, stdout);
  }));
