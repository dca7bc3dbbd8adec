import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../../src/errors.ts";
import type { Facts } from "../../interop/facts.ts";
import { startedAt } from "../../generate/generated_run.ts";
import { writePart } from "../../generate/run_part.ts";
import type { Answer } from "./recording_proxy.ts";
import { changes, inScene, key, type Scene, type ServedHost, user } from "./scene.ts";

const options = ["-k", key, "-w", user, "-p", "p", "--json"];
/** The rule where the host has a part already, which cannot be replaced. */
const first = ["--overlap", "first"];

/** Two parts of one run, an hour apart. */
function parts({ work }: Scene, tracker: "wandb" | "swanlab", second: number): readonly string[] {
  return ([[0, 59], [second, second + 39]] as const).map((steps, at) =>
    writePart({
      ...{ tracker, directory: work, id: "family", steps, loss: at + 1 },
      startedAt: startedAt + at * 3_600_000,
    })
  );
}

/** What a host holds, but for what we say about ourselves. */
function held(facts: Facts): unknown {
  return facts.groups.filter((group) => group !== "metadata")
    .map((group) => [group, [...facts.group(group)].toSorted()]);
}

/**
 * Syncs until so many requests that change something were answered, and then again; tells how many
 * there were.
 */
async function interrupted(
  { run }: Scene,
  { url, proxy }: ServedHost,
  paths: readonly string[],
  { requests, more }: { readonly requests: number; readonly more: readonly string[] },
): Promise<number> {
  const ending = new AbortController();
  let answered = 0;
  proxy.meddler = {
    after(asked): undefined {
      if (changes([{ ...asked, status: 200 }]).length === 0) return;
      if (++answered === requests) ending.abort(new CancelledError());
    },
  };
  const words = ["sync", ...paths, "-h", url, ...options, ...more];
  const cut = await run(words, { signal: ending.signal });
  assert.equal(cut.code, requests === Infinity ? 0 : 130, cut.stdout);
  const count = answered;
  proxy.meddler = {};
  const again = await run(words);
  assert.equal(again.code, 0, again.stdout);
  const verified = await run(["verify", ...words.slice(1)]);
  assert.equal(verified.code, 0, verified.stdout);
  return count;
}

const table: readonly (readonly [
  what: string,
  tracker: "wandb" | "swanlab",
  second: number,
  before: boolean,
])[] = [
  ["the second of two parts of W&B that count from 0", "wandb", 0, true],
  ["the second of two parts of W&B that overlap", "wandb", 30, true],
  ["two parts of SwanLab that overlap", "swanlab", 30, false],
];

describe("a sync that is interrupted after any request and made again", () => {
  for (const [what, tracker, second, before] of table) {
    it(`leaves ${what} as if it had not been`, async () => {
      await inScene(async (scene) => {
        const paths = parts(scene, tracker, second);
        const meet = async (
          name: string,
          requests: number,
        ): Promise<readonly [unknown, number]> => {
          const host = await scene.serve(name);
          if (before) {
            const words = ["sync", paths[0] ?? "", "-h", host.url, ...options];
            assert.equal((await scene.run(words)).code, 0);
          }
          const count = await interrupted(scene, host, paths, {
            requests,
            more: before ? first : [],
          });
          return [held(await host.facts("p")), count];
        };
        const [whole, all] = await meet("whole", Infinity);
        assert.ok(all > 10, `${all} requests`);
        for (let requests = 1; requests <= all; requests++) {
          const [found] = await meet(`after-${requests}`, requests);
          assert.deepEqual(found, whole, `after ${requests} of ${all} requests`);
        }
      });
    });
  }
});

describe("a part behind one that broke off", () => {
  const table = [[1, []], [4, []], [5, []], [5, first]] as const;
  for (const [requests, more] of table) {
    const rule = more.join(" ");
    it(`waits where the host refuses change ${requests} of that, ${rule}`, async () => {
      await inScene(async (scene) => {
        const paths = parts(scene, "wandb", 0);
        const words = (host: ServedHost): readonly string[] => [
          ...["sync", ...paths, "-h", host.url],
          ...[...options, ...more],
        ];
        const whole = await scene.serve("whole");
        assert.equal((await scene.run(words(whole))).code, 0);
        const host = await scene.serve("store");
        let asked = 0;
        host.proxy.meddler = {
          before(asking): Answer | undefined {
            if (changes([{ ...asking, status: 200 }]).length === 0) return undefined;
            return ++asked === requests ? { status: 400, body: "{}" } : undefined;
          },
        };
        const broken = await scene.run(words(host));
        assert.equal(broken.code, 3, broken.stdout);
        const codes = broken.runs.map(({ error }) => (error as { code: string }).code);
        assert.deepEqual(codes.toSorted(), ["destination", "transient"]);
        assert.match(broken.stdout, /an earlier part of the run, has not arrived/);
        host.proxy.meddler = {};
        const again = await scene.run(words(host));
        assert.equal(again.code, 0, again.stdout);
        assert.deepEqual(held(await host.facts("p")), held(await whole.facts("p")));
      });
    });
  }
});
