import { createHash } from "node:crypto";
import { Retry } from "../../../src/net/retry.ts";
import { TransientError } from "../../../src/errors.ts";
import { arrayOf, objectOf, textOf } from "./json_reply.ts";
import { Limiter } from "./limiter.ts";
import { parts, type RunPlace } from "./run_place.ts";

/** Objects whose addresses are asked for together. */
const mostObjects = 100;
/** Objects that are fetched at once. */
const mostGets = 8;

/**
 * Fetches objects again and compares their content with SHA-256 by path; returns how they differ, in
 * full sentences.
 */
export async function objectDifferences(
  place: RunPlace,
  contents: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const { session, project, run } = place;
  const differences: string[] = [];
  const gets = new Limiter(mostGets);
  for (const some of parts([...contents], mostObjects)) {
    const reply = await session.call({
      method: "POST",
      path: "/resources/presigned/get",
      body: JSON.stringify({
        prefix: `${project.id}/${run.id}`,
        paths: some.map(([path]) => path),
      }),
      what: `read back media of the run ${run.id}`,
    });
    const urls = arrayOf(objectOf(reply.value)["urls"]);
    await Promise.all(some.map(([path, sha256], at) =>
      gets.run(async () => {
        const held = await hashOf(place, textOf(urls[at]) ?? "");
        const name = `Object ${JSON.stringify(path)}`;
        if (held === undefined) differences.push(`${name} is not held.`);
        else if (held !== sha256) {
          differences.push(`${name}: the content held is not the one delivered.`);
        }
      })
    ));
  }
  return differences.sort();
}

/** SHA-256 of what is at an address; undefined when nothing is. */
async function hashOf({ session }: RunPlace, url: string): Promise<string | undefined> {
  const retry = new Retry(session.context);
  while (true) {
    try {
      const response = await session.client.send({ method: "GET", url: session.absolute(url) });
      if (response.status !== 200) {
        await response.discard();
        if (await retry.again(response)) continue;
        return undefined;
      }
      const hash = createHash("sha256");
      for await (const piece of response.stream()) hash.update(piece);
      return hash.digest("hex");
    } catch (error) {
      if (!(error instanceof TransientError) || !await retry.again(error)) throw error;
    }
  }
}
