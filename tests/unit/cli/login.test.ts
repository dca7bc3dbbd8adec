import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { execute } from "../../../src/cli/execute.ts";
import type { Input } from "../../../src/cli/input.ts";
import { askForKey } from "../../../src/cli/login.ts";
import { parseHost } from "../../../src/config/host.ts";
import { CancelledError } from "../../../src/errors.ts";
import { inScratch } from "../../contract/scratch.ts";
import { parseLines } from "../../e2e/lines.ts";
import { closedPort, listen } from "../net/raw_server.ts";
import { fakeShell, pipedInput } from "./fake_shell.ts";

const good = "goodkey4hunter2";
const other = "otherkey4hunter2";
const bad = "badkey4hunter2";

/** What a command did. */
interface Done {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A host, a home and ways to use them. */
interface Surroundings {
  readonly url: string;
  readonly netrc: string;
  /** The current directory. */
  readonly work: string;
  /** Keys that the host was given, in order. */
  readonly seen: readonly (string | undefined)[];
  /** Runs a command; nothing that it prints may hold any of the keys. */
  run(
    words: readonly string[],
    given?: { readonly stdin?: Input; readonly environment?: { readonly [name: string]: string } },
  ): Promise<Done>;
}

async function withHost(use: (surroundings: Surroundings) => Promise<void>): Promise<void> {
  const seen: (string | undefined)[] = [];
  const server = createServer(({ headers: { authorization } }, response) => {
    seen.push(authorization);
    const name = authorization === good ? "ann" : authorization === other ? "bob" : undefined;
    response.statusCode = name === undefined ? 401 : 200;
    const userInfo = { username: name, name: name === "ann" ? "Ann B." : null };
    response.end(JSON.stringify({ sid: "s", expiredAt: "2027-01-01T00:00:00.000Z", userInfo }));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  try {
    await inScratch(async (directory) => {
      const home = join(directory, "home");
      const cwd = join(directory, "work");
      mkdirSync(cwd);
      const run: Surroundings["run"] = async (words, given = {}) => {
        const environment = { SWANLAB_CONFIG_DIR: directory, ...given.environment };
        const shell = fakeShell({ home, cwd, ...given, environment });
        const code = await execute(words, shell);
        const { stdout: { text: stdout }, stderr: { text: stderr } } = shell;
        assert.doesNotMatch(stdout + stderr, /hunter2/);
        return { code, stdout, stderr };
      };
      await use({ url, seen, run, work: cwd, netrc: join(home, ".swanlab", ".netrc") });
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Somebody who types these keys. */
function typing(...keys: readonly string[]): Input {
  const rest = [...keys];
  return {
    ...pipedInput(),
    interactive: true,
    line: () => Promise.reject(new Error("nothing is piped in")),
    secret(): Promise<string> {
      const key = rest.shift();
      return key === undefined ? Promise.reject(new CancelledError()) : Promise.resolve(key);
    },
  };
}

describe("login", () => {
  it("stores a key that the host takes, however it is given", async () => {
    const ways: readonly (readonly [readonly string[], Input])[] = [
      [["-k", good], pipedInput()],
      [["--api-key", ` ${good}\n`], pipedInput()],
      [["-k", "-"], pipedInput(good)],
      [[], pipedInput(`${good}\r`)],
      [[], typing(good)],
      [[], typing(bad, "", good)],
      [["--relogin"], typing(good)],
    ];
    for (const [words, stdin] of ways) {
      await withHost(async ({ url, netrc, run }) => {
        const { code, stdout } = await run(["login", "-h", `${url}/api/`, ...words], { stdin });
        assert.equal(code, 0, words.join(" "));
        assert.equal(
          stdout,
          `Logged in as ann (Ann B.) at ${url}; the key is stored in ${netrc}.\n`,
        );
        assert.equal(
          readFileSync(netrc, "utf8"),
          `machine ${url}\n\tlogin ${url}\n\tpassword ${good}\n`,
        );
      });
    }
  });

  it("does not store a key that the host does not take", async () => {
    await withHost(async ({ url, netrc, run }) => {
      const ways: readonly (readonly [readonly string[], Input, number, RegExp])[] = [
        [["-k", bad], pipedInput(), 12, /does not know the key: 401/],
        [["-k", `${bad} x`], pipedInput(), 12, /a character that no key has/],
        [[], pipedInput(), 12, /There is no key for http:.*\n {2}Run runferry login -h http:/],
        [["-k", "-"], pipedInput(" "), 12, /There is no key/],
        [[], typing(bad, bad, bad, good), 12, /does not know the key/],
        [[], typing(bad), 130, /Cancelled/],
      ];
      for (const [words, stdin, exit, message] of ways) {
        const { code, stderr } = await run(["login", "-h", url, "-vv", ...words], { stdin });
        assert.equal(code, exit, words.join(" "));
        assert.match(stderr, message);
      }
      const json = await run(["login", "--host", url, "-k", bad, "--json"]);
      assert.equal(parseLines(json.stdout, "accountLine")[0]?.["code"], "auth");
      assert.equal(existsSync(netrc), false);
    });
  });

  it("tells when there is nobody to ask, and that a host cannot be reached", async () => {
    await withHost(async ({ run }) => {
      const url = `http://127.0.0.1:${await closedPort()}`;
      assert.equal((await run(["login", "-h", url, "-k", good])).code, 13);
      assert.equal((await run(["login", "-h", "ftp://x", "-k", good])).code, 16);
    });
  });

  it("says that there is a login already, unless it does not work any more", async () => {
    await withHost(async ({ url, netrc, run }) => {
      await run(["login", "-h", url, "-k", good]);
      const again = await run(["login"], { stdin: typing(other) });
      assert.match(again.stdout, /^Already logged in as ann .*--relogin stores another key\.\n$/);
      const forced = await run(["login", "--relogin"], { stdin: typing(other) });
      assert.match(forced.stdout, /^Logged in as bob at /);
      await run(["login", "-k", good]);
      assert.match(readFileSync(netrc, "utf8"), new RegExp(`password ${good}\n$`));
    });
    await withHost(async ({ url, netrc, run }) => {
      await run(["login", "-h", url, "-k", good]);
      const stored = readFileSync(netrc, "utf8").replace(good, bad);
      writeFileSync(netrc, stored);
      const renewed = await run(["login"], { stdin: typing(other) });
      assert.match(renewed.stdout, /^Logged in as bob at /);
    });
  });

  it("sends no key unseen to a host that only the current directory names", async () => {
    await withHost(async ({ url, seen, run, work }) => {
      writeFileSync(join(work, "swanlab.yaml"), `api_host: ${url}\n`);
      const environment = { SWANLAB_API_KEY: good };
      assert.equal((await run(["login", "-k", good])).code, 12);
      assert.equal((await run(["login"], { stdin: pipedInput(good) })).code, 12);
      assert.equal((await run(["whoami"], { environment })).code, 12);
      assert.deepEqual(seen, []);
      assert.equal((await run(["login"], { stdin: typing(good) })).code, 0);
      assert.equal((await run(["whoami"])).code, 0);
      assert.equal((await run(["whoami", "-h", url], { environment })).code, 0);
    });
  });

  it("warns of a variable that counts before what is stored", async () => {
    await withHost(async ({ url, run }) => {
      const environment = { SWANLAB_API_KEY: bad };
      const { stderr } = await run(["login", "-h", url, "-k", good], { environment });
      assert.match(stderr, /^note: SWANLAB_API_KEY is set/);
    });
  });
});

describe("a command that finds no key", () => {
  it("asks for one on a terminal, and stores it", async () => {
    await withHost(async ({ url, netrc }) => {
      const home = dirname(dirname(netrc));
      const shell = fakeShell({ home, stdin: typing(bad, good) });
      const key = await askForKey(shell, parseHost(url));
      assert.equal(key.reveal(), good);
      assert.match(readFileSync(netrc, "utf8"), new RegExp(`password ${good}\n`));
      assert.match(shell.stderr.text, /Logged in as ann/);
      assert.equal(shell.stdout.text, "");
      await assert.rejects(askForKey(fakeShell({ home }), parseHost(url)), { code: "auth" });
    });
  });
});

describe("whoami", () => {
  it("asks the host that is meant with the key that belongs to it", async () => {
    await withHost(async ({ url, netrc, run, seen }) => {
      assert.equal((await run(["whoami", "-h", url])).code, 12);
      assert.deepEqual(seen, []);
      await run(["login", "-h", url, "-k", good]);
      const stored = await run(["whoami"]);
      assert.equal(stored.stdout, `ann (Ann B.) at ${url}; the key comes from ${netrc}.\n`);
      const environment = { SWANLAB_API_HOST: `'${url}/api'`, SWANLAB_API_KEY: `"${other}"` };
      const set = await run(["whoami", "--json"], { environment });
      assert.deepEqual(parseLines(set.stdout, "accountLine"), [{
        type: "account",
        host: url,
        url,
        username: "bob",
        source: "SWANLAB_API_KEY",
      }]);
      assert.equal((await run(["whoami", "--quiet"])).stdout, "");
    });
  });

  it("sends no key to another host", async () => {
    await withHost(async (first) => {
      await withHost(async (second) => {
        await first.run(["login", "-h", first.url, "-k", good]);
        const asked = await first.run(["whoami", "--h", second.url]);
        assert.equal(asked.code, 12);
        const environment = { SWANLAB_API_HOST: first.url, SWANLAB_API_KEY: good };
        assert.equal((await first.run(["whoami", "-h", second.url], { environment })).code, 12);
        assert.deepEqual(second.seen, []);
      });
    });
  });
});

describe("logout", () => {
  it("forgets the key of its host and of no other", async () => {
    await withHost(async ({ url, netrc, run }) => {
      await run(["login", "-h", url, "-k", good]);
      const wrong = await run(["logout", "-h", "swan.example.com"]);
      assert.equal(wrong.stdout, "No key for https://swan.example.com is stored.\n");
      const right = await run(["logout"]);
      assert.equal(right.stdout, `The key for ${url} is no longer stored in ${netrc}.\n`);
      assert.equal(readFileSync(netrc, "utf8"), "");
      const { code, stdout, stderr } = await run(["logout", "--json", "-h", url], {
        environment: { SWANLAB_API_KEY: bad },
      });
      assert.equal(code, 0);
      assert.deepEqual(parseLines(stdout, "accountLine")[0]?.["removed"], []);
      assert.match(stderr, /still set/);
    });
  });
});
