import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { LiveClient } from "./live_client.ts";
import { type Answer, openRecordingProxy } from "./recording_proxy.ts";
import { changes, fixture, inScene, key, sentItems, stranger, user } from "./scene.ts";

const basic = fixture("swanlab", "0.10.3", "basic");
const media = fixture("swanlab", "0.10.3", "media");

/** The answers of hosts that say no, by what is asked. */
interface Refusal {
  /** "METHOD PATH" of the requests that are refused. */
  readonly at: RegExp;
  readonly answer: Answer;
  readonly exit: number;
  readonly message: RegExp;
  readonly hint: RegExp;
}

function said(status: number, reason: string, code: string, message: string): Answer {
  const body = JSON.stringify({ code, message });
  return { status, reason, headers: { "content-type": "application/json", traceid: "t-1" }, body };
}

const run = /^GET \/api\/project\/ann\/p\/runs\//;
const refusals: readonly Refusal[] = [
  {
    at: /^GET \/api\/project\/ann\/p$/,
    answer: said(403, "Forbidden", "Forbidden", "not yours"),
    exit: 14,
    message: /Cannot open the project ann\/p at .*: 403 Forbidden \(not yours; trace t-1\)/,
    hint: /name a workspace of its own with -w/,
  },
  {
    at: /^POST \/api\/projects\/ann$/,
    answer: said(400, "Bad Request", "Bad_Request", "bad name"),
    exit: 14,
    message: /Cannot create the project ann\/p at .*: 400 Bad Request \(Bad_Request: bad name/,
    hint: /A project's name has 1 to 100 letters/,
  },
  {
    at: /^POST \/api\/projects\/ann$/,
    answer: said(403, "Forbidden", "Forbidden", "no right"),
    exit: 14,
    message: /Cannot create the project ann\/p at .*: 403 Forbidden/,
    hint: /name a workspace of its own with -w/,
  },
  {
    at: /^POST \/api\/project\/ann\/p\/experiment$/,
    answer: said(400, "Bad Request", "Bad_Request", "cloned"),
    exit: 14,
    message: /Cannot create the run tuhh9eft at .*: 400 Bad Request/,
    hint: /A run that was cloned at the host cannot be continued; --id new makes a new run/,
  },
  {
    at: /^POST \/api\/project\/ann\/p\/experiment$/,
    answer: said(403, "Forbidden", "Forbidden", "read only"),
    exit: 14,
    message: /Cannot create the run tuhh9eft at .*: 403 Forbidden/,
    hint: /The account may not write to ann\/p; name another -w/,
  },
  {
    at: /^POST \/api\/project\/ann\/p\/experiment$/,
    answer: said(404, "Disabled Resource", "", "gone"),
    exit: 14,
    message: /Cannot create the run tuhh9eft at .*: 404 Disabled Resource/,
    hint: /It was deleted there, and its id cannot be used again; --id new makes a new run/,
  },
  {
    at: run,
    answer: said(404, "Not Found", "Disabled_Resource", "gone"),
    exit: 14,
    message: /Cannot open the run tuhh9eft at .*: 404 Not Found \(Disabled_Resource: gone/,
    hint: /It was deleted there/,
  },
  {
    at: /^POST \/api\/house\/metrics$/,
    answer: said(404, "Not Found", "Not_Found", "no run"),
    exit: 14,
    message: /Cannot store (scalar points|log lines) of the run tuhh9eft at .*: 404/,
    hint: /^"?[A-Z].*\.$/,
  },
  {
    at: /^POST \/api\/house\/metrics$/,
    answer: said(507, "Insufficient Storage", "Insufficient_Storage", "full"),
    exit: 14,
    message: /Cannot store (scalar points|log lines) of the run tuhh9eft at .*: 507/,
    hint: /^Free some room at the host, and run the same command again\.$/,
  },
  {
    at: /^(?!POST \/api\/login).*/,
    answer: said(401, "Unauthorized", "Unauthorized", "who"),
    exit: 12,
    message: /Cannot open the project ann\/p at .*: 401 Unauthorized/,
    hint: /Log in again with runferry login, or give another key with -k/,
  },
];

describe("a host that refuses", () => {
  for (const { at, answer, exit, message, hint } of refusals) {
    const { status, reason } = answer;
    it(`with ${status} ${reason} at ${at.source} is told, with what to do`, async () => {
      await inScene(async (scene) => {
        const host = await scene.serve("store");
        if (at === run) {
          const live = await LiveClient.logIn(host.proxy.url, key, { user, project: "p" });
          await live.begin({ cuid: "other" });
        }
        host.proxy.meddler = {
          before: ({ method, path }) => at.test(`${method} ${path}`) ? answer : undefined,
        };
        const words = ["sync", basic, "-h", host.url, "-k", key, "-w", user, "-p", "p", "--json"];
        const done = await scene.run(words);
        assert.equal(done.code, exit, done.stdout);
        const error = done.runs[0]?.["error"] as Record<string, string>;
        assert.match(error["message"] ?? "", message);
        assert.match(error["hint"] ?? "", hint);
        const asked = done.passed.filter(({ method, path }) => at.test(`${method} ${path}`));
        assert.ok(asked.length <= 12, `asked ${asked.length} times`);
      });
    });
  }

  it("a workspace of somebody else, or one that is not there, creates nothing", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      for (
        const [name, message] of [[stranger, /403 Forbidden/], ["nobody", /not found/]] as const
      ) {
        const done = await scene.run(["sync", basic, "-h", host.url, "-k", key, "-w", name]);
        assert.equal(done.code, 14);
        assert.match(done.stdout + done.stderr, message);
        assert.match(done.stdout + done.stderr, /-w/);
        assert.deepEqual(sentItems(done.passed), []);
      }
    });
  });
});

describe("a run that was deleted at the host", () => {
  it("is one clear error, and is not looped on", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const words = ["sync", basic, "-h", host.url, "-k", key, "-w", user, "-p", "p"];
      assert.equal((await scene.run(words)).code, 0);
      const live = await LiveClient.logIn(host.proxy.url, key, { user, project: "p" });
      await live.send("DELETE", `/project/${user}/p/runs/tuhh9eft`);
      const done = await scene.run(words);
      assert.equal(done.code, 14, done.stderr);
      const text = done.stdout + done.stderr;
      assert.equal(text.match(/was deleted/g)?.length, 2, text);
      assert.match(text, /--id new makes a new run/);
      assert.deepEqual(changes(done.passed), []);
      assert.ok(done.passed.length <= 5, String(done.passed.length));
      const fresh = await scene.run([...words, "--id", "new"]);
      assert.equal(fresh.code, 0, fresh.stderr);
      assert.equal((await host.ids("p")).length, 1);
    });
  });
});

describe("a host that is no SwanLab host", () => {
  const pages: readonly (readonly [name: string, answer: Answer, exit: number, text: RegExp])[] = [
    [
      "shows its own page",
      { status: 200, headers: { "content-type": "text/html" }, body: "<html>Welcome</html>" },
      13,
      /web page instead of JSON/,
    ],
    [
      "sends everybody elsewhere",
      { status: 302, headers: { location: "http://portal.example.com/" } },
      13,
      /sent the login to http:\/\/portal\.example\.com, where the key does not belong/,
    ],
    ["knows no such address", { status: 404, body: "nothing" }, 14, /refused the login: 404/],
  ];
  for (const [name, answer, exit, text] of pages) {
    it(`but ${name} is told`, async () => {
      await inScene(async (scene) => {
        await using portal = await openRecordingProxy();
        portal.meddler = { before: () => answer };
        const done = await scene.run(["sync", basic, "-h", portal.url, "-k", key]);
        assert.equal(done.code, exit, done.stderr);
        assert.match(done.stderr, text);
        assert.ok(portal.passed.every(({ path }) => path === "/api/login/api_key"));
      });
    });
  }

  it("is told when a page or a redirect comes behind the login, and no cookie follows", async () => {
    await inScene(async (scene) => {
      await using elsewhere = await openRecordingProxy();
      const host = await scene.serve("store");
      const answers: readonly Answer[] = [
        { status: 200, headers: { "content-type": "text/html" }, body: "<html>Pay</html>" },
        { status: 302, headers: { location: `${elsewhere.url}/x` } },
      ];
      for (const answer of answers) {
        host.proxy.meddler = {
          before: ({ path }) => path.includes("/login/") ? undefined : answer,
        };
        const words = ["sync", basic, "-h", host.url, "-k", key, "-w", user, "-p", "p"];
        const done = await scene.run(words);
        assert.equal(done.code, 13, done.stderr);
        assert.match(done.stdout + done.stderr, /came instead of an answer/);
        assert.deepEqual(elsewhere.passed, []);
        assert.deepEqual(await host.ids("p"), []);
      }
    });
  });
});

describe("a host that lacks", () => {
  it("signed addresses takes runs without media, and says why it takes no others", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store", 0);
      host.proxy.meddler = {
        before: ({ path }) =>
          path.includes("/resources/presigned/") ? { status: 404, body: "{}" } : undefined,
      };
      const words = ["-h", host.url, "-k", key, "-w", user, "-p", "p", "--json"];
      const plain = await scene.run(["sync", basic, ...words]);
      assert.equal(plain.code, 0, plain.stdout);
      const refused = await scene.run(["sync", media, ...words]);
      assert.equal(refused.code, 14, refused.stdout);
      assert.match(refused.stdout, /before 2\.6\.2 take media only with storage keys/);
      assert.match(refused.stdout, /--no-media/);
      const without = await scene.run(["sync", media, ...words, "--no-media", "--id", "new"]);
      assert.equal(without.code, 0, without.stdout);
    });
  });

  it("summaries takes new runs, and refuses to continue one", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      host.proxy.meddler = {
        before: ({ path }) =>
          path.includes("/summaries/") ? { status: 404, body: "{}" } : undefined,
      };
      const words = ["sync", basic, "-h", host.url, "-k", key, "-w", user, "-p", "p", "--json"];
      assert.equal((await scene.run(words)).code, 0);
      const again = await scene.run(words);
      assert.equal(again.code, 14, again.stdout);
      assert.match(again.stdout, /Cannot continue the run tuhh9eft .* it cannot tell what it has/);
      assert.match(again.stdout, /--id new/);
      assert.deepEqual(changes(again.passed), []);
    });
  });

  it("exports of tables is believed, and is not sent twice what it has", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      host.proxy.meddler = {
        before: ({ path }) => /\/export$/.test(path) ? { status: 404, body: "{}" } : undefined,
      };
      const words = ["sync", basic, "-h", host.url, "-k", key, "-w", user, "-p", "p", "--json"];
      const first = await scene.run(words);
      assert.equal(first.code, 0, first.stdout);
      assert.equal(first.runs[0]?.["assurance"], "accepted");
      const again = await scene.run(words);
      assert.equal(again.runs[0]?.["status"], "skipped", again.stdout);
      assert.deepEqual(changes(again.passed), []);
    });
  });

  it("series is told of columns", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store", 0);
      const words = ["sync", basic, "-h", host.url, "-k", key, "-w", user, "-p", "p"];
      const done = await scene.run(words);
      assert.equal(done.code, 0, done.stderr);
      const paths = changes(done.passed);
      assert.ok(paths.includes("POST /api/experiment/tuhh9eft/columns"), paths.join());
      assert.ok(!paths.some((path) => path.endsWith("/series")));
    });
  });
});

describe("a key", () => {
  it("that is missing is an error with what to do, before anything is asked", async () => {
    await inScene(async (scene) => {
      const [host, other] = [await scene.serve("store"), await scene.serve("other")];
      assert.equal((await scene.run(["login", "-h", other.url, "-k", key])).code, 0);
      const done = await scene.run(["sync", basic, "-h", host.url]);
      assert.equal(done.code, 12);
      assert.match(done.stderr, /There is no key for http:/);
      assert.match(done.stderr, /runferry login -h http:/);
      assert.deepEqual(done.passed, []);
    });
  });

  it("of one host does not go to another that the current directory names", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      mkdirSync(join(scene.work, "x"));
      writeFileSync(join(scene.work, "swanlab.yaml"), `api_host: ${host.url}\n`);
      const done = await scene.run(["sync", basic], { environment: { SWANLAB_API_KEY: key } });
      assert.equal(done.code, 12, done.stderr);
      assert.deepEqual(done.passed, []);
    });
  });

  it("that is wrong is told once, and nothing is read or sent", async () => {
    await inScene(async (scene) => {
      const host = await scene.serve("store");
      const done = await scene.run(["sync", basic, "-h", host.url, "-k", "wrongkey4hunter2"]);
      assert.equal(done.code, 12);
      assert.match(done.stderr, /does not know the key: 401/);
      assert.equal(done.passed.length, 1);
    });
  });
});
