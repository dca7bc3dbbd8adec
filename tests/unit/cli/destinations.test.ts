import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openPlaces, type PlaceOptions, type Places } from "../../../src/cli/destinations.ts";
import { parseHost } from "../../../src/config/host.ts";
import { Secret } from "../../../src/config/secret.ts";
import { storeLogin } from "../../../src/config/stored_logins.ts";
import { ToolError } from "../../../src/errors.ts";
import { testContext } from "../../contract/context.ts";
import { inScratch } from "../../contract/scratch.ts";
import {
  openRecordingProxy,
  type RecordingProxy,
} from "../../adapters/swanlab_destination/recording_proxy.ts";
import { fakeShell } from "./fake_shell.ts";

/** What surrounds a command. */
interface Given {
  readonly environment?: { readonly [name: string]: string };
  /** URL and key of the stored logins, in order. */
  readonly logins?: readonly (readonly [url: string, key: string])[];
  /** `swanlab.yaml` of the current directory. */
  readonly settings?: string;
}

/** Opens the places that a command line names and hands them on. */
async function withPlaces(
  options: Partial<PlaceOptions>,
  given: Given,
  use: (places: Places) => void | Promise<void>,
): Promise<void> {
  await inScratch(async (directory) => {
    const [home, cwd] = [join(directory, "home"), join(directory, "work")];
    mkdirSync(cwd);
    for (const [url, key] of given.logins ?? []) {
      await storeLogin(join(home, ".swanlab", ".netrc"), parseHost(url), new Secret(key));
    }
    if (given.settings !== undefined) writeFileSync(join(cwd, "swanlab.yaml"), given.settings);
    const environment = { SWANLAB_CONFIG_DIR: directory, ...given.environment };
    await use(await openPlaces(fakeShell({ home, cwd, environment }), { to: [], ...options }));
  });
}

function names({ destinations }: Places): readonly string[] {
  return destinations.map(({ name }) => name);
}

describe("the places where runs go", () => {
  it("are the ones that are named, else the host that one is logged in to", async () => {
    const [a, b] = ["http://a.example", "https://b.example/lab"];
    const stored: Given = { logins: [["swanlab.cn", "cloud-key"], [a, "a-key"]] };
    const table: readonly (readonly [Partial<PlaceOptions>, Given, readonly string[]])[] = [
      [{}, {}, ["swanlab"]],
      [{}, stored, [a]],
      [{}, { environment: { SWANLAB_API_HOST: `${b}/api` } }, [b]],
      [{}, { settings: `api_host: ${b}\n` }, [b]],
      [{ apiKey: "some-key" }, stored, ["swanlab"]],
      [{ to: ["swanlab"] }, stored, ["swanlab"]],
      [{ host: "b.example/lab" }, stored, [b]],
      [{ h: b }, stored, [b]],
      [{ host: `${b}/api/` }, {}, [b]],
      [{ to: [a], host: b }, {}, [a, b]],
      [{ host: a, workspace: "w", project: "p" }, {}, [`${a}/@w/p`]],
      [{ host: a, project: "p" }, {}, [`${a}/@~/p`]],
      [{ host: a, workspace: "w" }, {}, [`${a}/@w/~`]],
      [{ to: [`${a}/@v/q`], workspace: "w", project: "p" }, {}, [`${a}/@v/q`]],
      [{ to: [`${a}/@v`], project: "p" }, {}, [`${a}/@v/p`]],
      [
        { host: a },
        { environment: { SWANLAB_PROJECT_WORKSPACE: "w", SWANLAB_PROJECT_NAME: "p" } },
        [`${a}/@w/p`],
      ],
      [
        { host: a, project: "mine" },
        { environment: { SWANLAB_WORKSPACE: "w", SWANLAB_PROJ_NAME: "p" } },
        [`${a}/@w/mine`],
      ],
      [{ to: ["/some/archive"] }, stored, ["archive:/some/archive"]],
    ];
    for (const [options, given, expected] of table) {
      await withPlaces(options, given, (places) => assert.deepEqual(names(places), expected));
    }
  });

  it("cannot be named twice, nor share one key that is given", async () => {
    const table: readonly (readonly [Partial<PlaceOptions>, RegExp])[] = [
      [{ to: ["http://a.example", "http://a.example/api"] }, /is named twice/],
      [{ to: ["http://a.example"], host: "http://a.example" }, /is named twice/],
      [{ to: ["/x", "archive:/x"] }, /is named twice/],
      [{ to: ["swanlab", "http://a.example"], apiKey: "some-key" }, /there are several hosts/],
      [{ to: ["http://a.example"], host: "b.example", apiKey: "some-key" }, /several hosts/],
      [{ to: ["ftp://a.example"] }, /is not a destination/],
    ];
    for (const [options, message] of table) {
      await assert.rejects(withPlaces(options, {}, () => {}), (error: unknown) => {
        assert.ok(error instanceof ToolError);
        assert.equal(error.code, "usage");
        assert.match(error.message, message);
        assert.match(error.hint ?? "", /^[A-Z].*\.$/);
        return true;
      });
    }
  });

  it("may be the same host several times with one key, and an archive beside it", async () => {
    const to = ["http://a.example/@w/p", "http://a.example/@w/q", "/some/archive"];
    await withPlaces({ to, apiKey: "some-key" }, {}, (places) => {
      assert.equal(places.destinations.length, 3);
    });
  });

  it("get one id only when the user chose one", async () => {
    const table: readonly (readonly [Partial<PlaceOptions>, Given, string | undefined])[] = [
      [{}, {}, undefined],
      [{ id: "auto" }, {}, undefined],
      [{ id: "new" }, {}, undefined],
      [{ id: "x" }, {}, "x"],
      [{}, { environment: { SWANLAB_RUN_ID: "y" } }, "y"],
      [{ id: "auto" }, { environment: { SWANLAB_RUN_ID: "y" } }, undefined],
    ];
    for (const [options, given, id] of table) {
      await withPlaces(options, given, (places) => assert.equal(places.id, id));
    }
  });
});

/** Which key each of these hosts is sent, in order; "" for none. */
async function keysSent(
  options: (urls: readonly string[]) => Partial<PlaceOptions>,
  given: (urls: readonly string[]) => Given,
): Promise<readonly string[]> {
  await using stack = new AsyncDisposableStack();
  const hosts: RecordingProxy[] = [];
  for (let at = 0; at < 2; at++) hosts.push(stack.use(await openRecordingProxy()));
  const urls = hosts.map(({ url }) => url);
  await withPlaces(options(urls), given(urls), async ({ destinations }) => {
    for (const destination of destinations) {
      await assert.rejects(destination.check(testContext()), ToolError);
    }
  });
  return hosts.map(({ passed }) => passed.map(({ headers }) => headers.authorization).join());
}

describe("the key of a host", () => {
  const stored = (urls: readonly string[]): Given => ({
    logins: urls.map((url, at) => [url, `key-of-${at}`] as const),
  });
  const both = (urls: readonly string[]): Partial<PlaceOptions> => ({ to: urls });

  it("is its own", async () => {
    assert.deepEqual(await keysSent(both, stored), ["key-of-0", "key-of-1"]);
  });

  it("is not that of another one", async () => {
    const first = (urls: readonly string[]): Given => ({
      logins: [[urls[0] ?? "", "key-of-0"]],
    });
    assert.deepEqual(await keysSent(both, first), ["key-of-0", ""]);
  });

  it("is the one that is given, if it is the only host", async () => {
    const second = ([, url = ""]: readonly string[]): Partial<PlaceOptions> => ({
      host: url,
      apiKey: "key-given",
    });
    assert.deepEqual(await keysSent(second, stored), ["", "key-given"]);
  });

  it("in the environment is for the host there, or for the only one", async () => {
    const there = ([, url = ""]: readonly string[]): Given => ({
      environment: { SWANLAB_API_KEY: "key-set", SWANLAB_API_HOST: url },
    });
    assert.deepEqual(await keysSent(both, there), ["", "key-set"]);
    const only = ([url = ""]: readonly string[]): Partial<PlaceOptions> => ({ to: [url] });
    const set = (): Given => ({ environment: { SWANLAB_API_KEY: "key-set" } });
    assert.deepEqual(await keysSent(only, set), ["key-set", ""]);
    assert.deepEqual(await keysSent(both, set), ["", ""]);
  });
});
