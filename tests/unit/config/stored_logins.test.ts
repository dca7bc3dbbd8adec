import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cloud, parseHost } from "../../../src/config/host.ts";
import { Secret } from "../../../src/config/secret.ts";
import type { SettingsContext } from "../../../src/config/settings_context.ts";
import {
  loginFile,
  removeLogin,
  storedLogins,
  storeLogin,
} from "../../../src/config/stored_logins.ts";
import { ConfigError } from "../../../src/errors.ts";
import { inScratch } from "../../contract/scratch.ts";

const own = parseHost("http://10.0.0.7:8000");

function contextIn(
  directory: string,
  environment: SettingsContext["environment"] = {},
): SettingsContext {
  mkdirSync(join(directory, "home"), { recursive: true });
  mkdirSync(join(directory, "work"), { recursive: true });
  return { home: join(directory, "home"), cwd: join(directory, "work"), environment };
}

/** Host, key and place of every stored login. */
async function found(
  context: SettingsContext,
): Promise<readonly (readonly [string, string, string])[]> {
  return (await storedLogins(context))
    .map(({ host, key, path }) => [host.url, key.reveal(), path] as const);
}

describe("stored logins", () => {
  it("are what official clients stored, also the oldest ones", async () => {
    await inScratch(async (directory) => {
      const context = contextIn(directory);
      const path = loginFile(context);
      assert.equal(path, join(context.home, ".swanlab", ".netrc"));
      assert.deepEqual(await found(context), []);
      mkdirSync(join(context.home, ".swanlab"));
      const table: readonly (readonly [string, string, string])[] = [
        [
          "machine https://api.swanlab.cn\n\tlogin https://swanlab.cn\n\tpassword k\n",
          cloud.url,
          cloud.webBase,
        ],
        [
          "machine https://api.swanlab.cn/api\n\tlogin user\n\tpassword k\n",
          cloud.url,
          cloud.webBase,
        ],
        [
          "machine http://10.0.0.7:8000/api\n\tlogin http://10.0.0.7:9000\n\tpassword k\n",
          own.url,
          "http://10.0.0.7:9000",
        ],
      ];
      for (const [text, url, web] of table) {
        writeFileSync(path, text);
        assert.deepEqual(await found(context), [[url, "k", path]]);
        assert.equal((await storedLogins(context))[0]?.host.webBase, web);
      }
    });
  });

  it("of the current directory come before the user's", async () => {
    await inScratch(async (directory) => {
      const context = contextIn(directory);
      const local = join(context.cwd, ".swanlab", ".netrc");
      await storeLogin(loginFile(context), cloud, new Secret("k1"));
      await storeLogin(local, own, new Secret("k2"));
      assert.deepEqual(await found(context), [
        [own.url, "k2", local],
        [cloud.url, "k1", loginFile(context)],
      ]);
    });
  });

  it("lie where a variable says", async () => {
    await inScratch(async (directory) => {
      const table: readonly (readonly [SettingsContext["environment"], string])[] = [
        [{ SWANLAB_ROOT: '"/a"', SWANLAB_SAVE_DIR: "/b" }, "/a/.netrc"],
        [{ SWANLAB_SAVE_DIR: "/b" }, "/b/.netrc"],
        [{ SWANLAB_ROOT: "c" }, join(directory, "work", "c", ".netrc")],
        [{ SWANLAB_ROOT: "" }, join(directory, "home", ".swanlab", ".netrc")],
      ];
      for (const [environment, path] of table) {
        assert.equal(loginFile(contextIn(directory, environment)), path);
      }
      await Promise.resolve();
    });
  });

  it("that cannot be understood or read are named", async () => {
    await inScratch(async (directory) => {
      const context = contextIn(directory);
      const path = loginFile(context);
      mkdirSync(join(context.home, ".swanlab"));
      const check = (error: Error): boolean => {
        assert.ok(error instanceof ConfigError);
        assert.ok(error.message.includes(path));
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      };
      writeFileSync(path, "password hunter2\n");
      await assert.rejects(storedLogins(context), check);
      await assert.rejects(storeLogin(path, cloud, new Secret("k")), check);
      writeFileSync(path, "x".repeat(2 ** 20 + 1));
      await assert.rejects(storedLogins(context), check);
    });
    await inScratch(async (directory) => {
      const context = contextIn(directory);
      mkdirSync(loginFile(context), { recursive: true });
      await assert.rejects(storedLogins(context), /is not a file/);
    });
  });
});

describe("storing a login", () => {
  it("lets only the user read it, and puts the newest first", async () => {
    await inScratch(async (directory) => {
      const context = contextIn(directory);
      const path = loginFile(context);
      await storeLogin(path, own, new Secret("k1"));
      chmodSync(path, 0o644);
      await storeLogin(path, cloud, new Secret("k2"));
      await storeLogin(path, own, new Secret("k3"));
      assert.equal(
        readFileSync(path, "utf8"),
        "machine http://10.0.0.7:8000\n\tlogin http://10.0.0.7:8000\n\tpassword k3\n" +
          "machine https://api.swanlab.cn\n\tlogin https://swanlab.cn\n\tpassword k2\n",
      );
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(join(context.home, ".swanlab")), [".netrc"]);
    });
  });

  it("keeps a link to the file", async () => {
    await inScratch(async (directory) => {
      const context = contextIn(directory);
      const path = loginFile(context);
      const real = join(directory, "dotfiles");
      mkdirSync(join(context.home, ".swanlab"));
      writeFileSync(real, "");
      symlinkSync(real, path);
      await storeLogin(path, cloud, new Secret("k"));
      assert.match(readFileSync(real, "utf8"), /password k/);
      assert.equal(statSync(real).mode & 0o777, 0o600);
    });
  });

  it("is taken back by removing it, and only for its host", async () => {
    await inScratch(async (directory) => {
      const context = contextIn(directory);
      const path = loginFile(context);
      assert.equal(await removeLogin(path, cloud), false);
      await storeLogin(path, own, new Secret("k1"));
      await storeLogin(path, cloud, new Secret("k2"));
      assert.equal(await removeLogin(path, cloud), true);
      assert.equal(await removeLogin(path, cloud), false);
      assert.deepEqual(await found(context), [[own.url, "k1", path]]);
      assert.equal(await removeLogin(path, own), true);
      assert.equal(readFileSync(path, "utf8"), "");
    });
  });

  it("that cannot be written says where", async () => {
    await inScratch(async (directory) => {
      writeFileSync(join(directory, "file"), "");
      const path = join(directory, "file", ".netrc");
      await assert.rejects(storeLogin(path, cloud, new Secret("k")), {
        code: "config",
        message: /cannot be written/,
      });
    });
  });
});
