import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inScratch } from "../contract/scratch.ts";

const loaders = [
  { name: "x64", compiler: "g++", version: "g++ (Debian 12.2.0-14+deb12u1) 12.2.0" },
  {
    name: "arm64",
    compiler: "aarch64-linux-gnu-g++",
    version: "aarch64-linux-gnu-g++ (Debian 12.2.0-14) 12.2.0",
  },
];

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

for (const { name, compiler, version } of loaders) {
  const { stdout } = spawnSync(compiler, ["--version"], { encoding: "utf8" });
  const same = stdout?.split("\n")[0] === version;
  const skip = !same && `this machine does not have ${version}`;
  test(`the ${name} loader is what its script makes`, { skip }, async () => {
    await inScratch((folder) => {
      const made = join(folder, "made.so");
      const { status, stderr } = spawnSync("build/loader/make.sh", [name, made], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      assert.equal(status, 0, stderr.slice(-2000));
      assert.equal(digest(made), digest(`build/loader/${name}.so`));
      return Promise.resolve();
    });
  });
}
