import { createHash } from "node:crypto";
import { Retry } from "../../../src/net/retry.ts";
import { TransientError } from "../../../src/errors.ts";
import { arrayOf, objectOf, textOf } from "./json_reply.ts";
import { Limiter } from "./limiter.ts";
import { parts, type RunPlace } from "./run_place.ts";
import type { Difference } from "./series_tally.ts";

/** Objects whose addresses are asked for together. */
const mostObjects = 100;
/** Objects that are fetched at once. */
const mostGets = 8;

/**
 * Fetches objects again and compares their content with SHA-256 by path; returns how they differ. One
 * that is refused, or comes as a web page, may still come right at an address that is newly signed.
 */
export async function objectDifferences(
  place: RunPlace,
  contents: ReadonlyMap<string, string>,
): Promise<readonly Difference[]> {
  const { session, project, run } = place;
  const differences: Difference[] = [];
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
        const held = await readObject(place, textOf(urls[at]) ?? "");
        if (held?.sha256 === sha256) return;
        const name = `Object ${JSON.stringify(path)}`;
        differences.push(
          held === undefined
            ? { text: `${name} is not held.`, missing: true }
            : { text: `${name}: the content held is not the one delivered.`, missing: held.page },
        );
      })
    ));
  }
  return differences.sort((left, right) => left.text < right.text ? -1 : 1);
}

/** What came from an address. */
interface ReadObject {
  readonly sha256: string;
  /** Whether it is a web page, as a network in between may send instead of an object. */
  readonly page: boolean;
}

/** Reads what is at an address; undefined when nothing is. */
async function readObject({ session }: RunPlace, url: string): Promise<ReadObject | undefined> {
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
      const page = response.headers.get("content-type")?.includes("text/html") === true;
      return { sha256: hash.digest("hex"), page };
    } catch (error) {
      if (!(error instanceof TransientError) || !await retry.again(error)) throw error;
    }
  }
}
