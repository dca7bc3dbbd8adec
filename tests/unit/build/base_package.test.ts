import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { checkIntegrity, executableOf, pinnedPackage } from "../../../build/base_package.ts";

async function packed(name: string, content: Uint8Array): Promise<Uint8Array> {
  const tar = pack();
  tar.entry({ name: "package/package.json" }, "{}");
  tar.entry({ name }, content.toString());
  tar.finalize();
  return gzipSync(await buffer(tar));
}

const content = new Uint8Array(700).fill(7);

for (const name of ["package/bin/bun", "package/bin/bun.exe"]) {
  test(`the executable is found as ${name}`, async () => {
    const found = executableOf(await packed(name, content));
    assert.equal(new TextDecoder().decode(found), content.toString());
  });
}

test("a package without an executable is refused", async () => {
  const bytes = await packed("package/bin/other", content);
  assert.throws(() => executableOf(bytes), { message: /holds no bin\/bun/ });
});

test("a package is accepted as it was pinned, and refused with one bit flipped", () => {
  const bytes = new Uint8Array(1000).fill(3);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const pinned = { name: "@oven/bun-linux-x64-musl", version: "1.4.5", integrity };
  checkIntegrity(bytes, pinned);
  bytes[500] = 2;
  assert.throws(() => checkIntegrity(bytes, pinned), {
    message: /is not what package-lock\.json pins/,
  });
});

test("a package without a pinned sha512 is refused", () => {
  const name = "@oven/bun-linux-x64";
  const path = `node_modules/${name}`;
  for (
    const entry of [undefined, { version: "1.4.5" }, { version: "1.4.5", integrity: "sha1-x" }]
  ) {
    const packages = entry === undefined ? {} : { [path]: entry };
    assert.throws(() => pinnedPackage({ packages }, name), { message: /pins no sha512/ });
  }
});
