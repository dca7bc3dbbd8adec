import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { copyInto, inScratch } from "../contract/scratch.ts";
import { examine } from "./examine.ts";
import { makeCase } from "./fuzz_case.ts";

const cases = 40;

for (let seed = 0; seed < cases; seed++) {
  test(`whatever is done to a run, it is read or refused (seed ${seed})`, () =>
    inScratch(async (directory) => {
      const { path } = await makeCase(seed, directory);
      await examine(path, directory);
    }));
}

const finds = "tests/fuzz/finds";

for (const name of readdirSync(finds)) {
  test(`what the fuzzer found once stays repaired: ${name}`, () =>
    inScratch(async (directory) => {
      await examine(copyInto(directory, join(finds, name)), directory);
    }));
}
