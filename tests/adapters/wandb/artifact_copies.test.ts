/** Copies of an artifact's file that are no longer where the log says. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ArtifactCopies } from "../../../adapters/sources/wandb/artifact_copies.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";

/** MD5 of "hello", in base64 as manifests have it. */
const digest = "XUFAKrxLKna5cZ2REBfFkg==";
const recorded = "/gone/artifacts/staging/tmp123";
const cached = "artifacts/obj/md5/5d/41402abc4b2a76b9719d911017c592";

const table: readonly (readonly [what: string, at: string, variables: readonly string[]])[] = [
  ["its name in the data folder", "data/artifacts/staging/tmp123", ["WANDB_DATA_DIR"]],
  ["its name below the home", "home/.local/share/wandb/artifacts/staging/tmp123", []],
  ["its digest in the cache", `cache/${cached}`, ["WANDB_CACHE_DIR"]],
  ["its digest below the home", `home/.cache/wandb/${cached}`, []],
];

for (const [what, at, variables] of table) {
  test(`a copy is found by ${what}, if looking outside is allowed`, () =>
    inScratch((scratch) => {
      const copy = join(scratch, at);
      mkdirSync(dirname(copy), { recursive: true });
      writeFileSync(copy, "hello");
      const environment = Object.fromEntries(
        variables.map((name) => [name, join(scratch, at.split("/")[0] ?? "")]),
      );
      const home = join(scratch, "home");
      const find = (followOutside: boolean): string =>
        new ArtifactCopies(testContext({ environment, home, followOutside }))
          .find(recorded, 5, digest).path;
      assert.equal(find(true), copy);
      assert.equal(find(false), recorded);
      return Promise.resolve();
    }));
}

test("a file of another length, and a digest that is none, find nothing", () =>
  inScratch((scratch) => {
    const copy = join(scratch, "home/.cache/wandb", cached);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, "hello");
    const copies = new ArtifactCopies(
      testContext({ home: join(scratch, "home"), followOutside: true }),
    );
    assert.equal(copies.find(recorded, 6, digest).path, recorded);
    assert.equal(copies.find(recorded, 5, "aGVsbG8=").path, recorded);
    return Promise.resolve();
  }));
