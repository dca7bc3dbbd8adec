import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { describe, it } from "node:test";
import { serveCommand, type ServeOptions } from "../../../src/cli/serve.ts";
import type { Shell } from "../../../src/cli/shell.ts";
import { ToolError } from "../../../src/errors.ts";
import { parseLines } from "../../e2e/lines.ts";
import { inScratch } from "../../contract/scratch.ts";
import { fakeShell } from "./fake_shell.ts";
import { certificate, certificateKey } from "./localhost_certificate.ts";
import type { KeptOutput } from "./outcomes.ts";

const plain: ServeOptions = {
  port: 0,
  listen: "127.0.0.1",
  user: [],
  key: [],
  projectVersion: "1",
  seal: true,
};

/** Serves a folder until `use` is done with what was printed; resolves to the exit code. */
async function served(
  folder: string,
  given: Partial<ServeOptions>,
  use: (printed: string, url: string) => Promise<void>,
): Promise<number> {
  const end = new AbortController();
  const shell: Shell & { readonly stdout: KeptOutput } = fakeShell({
    cwd: folder,
    signal: end.signal,
  });
  let hear: (text: string) => void = () => {};
  const ready = new Promise<string>((resolve) => hear = resolve);
  const { stdout } = shell;
  const code = serveCommand(
    {
      ...shell,
      stdout: {
        terminal: stdout.terminal,
        closed: false,
        write: (text) => Promise.resolve(hear(text)),
      },
    },
    "store",
    { ...plain, ...given },
  );
  try {
    const printed = await Promise.race([ready, code.then(() => "")]);
    await use(printed, /https?:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? "");
  } finally {
    end.abort();
  }
  return await code;
}

describe("serve", () => {
  it("says where it is, who has an account, and the command that ferries runs there", () =>
    inScratch(async (folder) => {
      const code = await served(folder, { user: ["ada"] }, async (printed, url) => {
        const [, key] = /account ada, key ([0-9A-Za-z]{21})\n/.exec(printed) ?? [];
        assert.ok(printed.startsWith(`Serving ${folder}/store at ${url}\n`), printed);
        assert.ok(printed.includes(`  runferry sync runs -h ${url} -k ${key} -w ada\n`), printed);
        const login = { method: "POST", headers: { authorization: key ?? "" } };
        assert.equal((await fetch(`${url}/api/login/api_key`, login)).status, 200);
      });
      assert.equal(code, 0);
    }));

  it("never shows a key a second time", () =>
    inScratch(async (folder) => {
      await served(folder, { user: ["ada"] }, () => Promise.resolve());
      await served(folder, { user: ["ada", "bob"], key: [] }, (printed) => {
        assert.match(printed, /^account ada$/m);
        assert.match(printed, /^account bob, key \w{21}$/m);
        return Promise.resolve();
      });
      await served(folder, {}, (printed) => {
        assert.match(printed, /^account ada\naccount bob$/m);
        assert.match(printed, / -k KEY -w NAME$/m);
        assert.doesNotMatch(printed, /shown again/);
        return Promise.resolve();
      });
    }));

  it("takes given keys and speaks JSON", () =>
    inScratch(async (folder) => {
      const key = "keykeykeykeykeykeykey";
      await served(folder, { user: ["ada"], key: [key], json: true }, (printed, url) => {
        assert.deepEqual(parseLines(printed, "serveLine"), [{
          type: "ready",
          url,
          folder: join(folder, "store"),
          accounts: [{ name: "ada", key }],
        }]);
        return Promise.resolve();
      });
    }));

  it("speaks https with a certificate", () =>
    inScratch(async (folder) => {
      writeFileSync(join(folder, "cert.pem"), certificate);
      writeFileSync(join(folder, "key.pem"), certificateKey);
      const tls = { tlsCert: "cert.pem", tlsKey: "key.pem" };
      await served(folder, tls, async (_printed, url) => {
        assert.ok(url.startsWith("https://"));
        const status = await new Promise((resolve, reject) => {
          request(`${url}/api`, { ca: certificate }, ({ statusCode }) => resolve(statusCode))
            .on("error", reject).end();
        });
        assert.equal(status, 200);
      });
    }));

  it("refuses what cannot be meant, before anything is made", () =>
    inScratch(async (folder) => {
      writeFileSync(join(folder, "cert.pem"), certificate);
      writeFileSync(join(folder, "odd.pem"), "no key");
      mkdirSync(join(folder, "directory"));
      const table: readonly (readonly [Partial<ServeOptions>, string, RegExp])[] = [
        [{ key: ["keykeykey"] }, "usage", /more keys than users/],
        [{ tlsCert: "cert.pem" }, "usage", /belong together/],
        [{ tlsKey: "cert.pem" }, "usage", /belong together/],
        [{ tlsCert: "none.pem", tlsKey: "cert.pem" }, "config", /none\.pem: ENOENT/],
        [{ tlsCert: "directory", tlsKey: "cert.pem" }, "config", /EISDIR/],
      ];
      for (const [given, code, message] of table) {
        await assert.rejects(served(folder, given, () => Promise.resolve()), (error) => {
          assert.ok(error instanceof ToolError);
          assert.equal(error.code, code);
          assert.match(error.message, message);
          assert.match(error.hint ?? "", /^[A-Z].+\.$/);
          return true;
        });
      }
      assert.ok(!existsSync(join(folder, "store")));
    }));
});
