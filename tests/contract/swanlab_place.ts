import { Buffer } from "node:buffer";
import { swanlab } from "../../adapters/destinations/swanlab/destination.ts";
import { openHost } from "../../adapters/hosts/swanlab/host.ts";
import type { Destination } from "../../src/adapter.ts";
import { parseHost } from "../../src/config/host.ts";
import { Secret } from "../../src/config/secret.ts";
import { type Answered, type Asked, type Edits, openEditedHost } from "../faults/edited_host.ts";
import { Ledger } from "../faults/ledger.ts";
import { HostApi } from "../interop/host_api.ts";
import { itemsAt, textAt } from "../interop/json_path.ts";
import { readFacts, runIds } from "../interop/read_facts.ts";
import type { DestinationPlace, MakePlace } from "./destination_subject.ts";

const user = "kit";
const key = "contract0contract0";

function destination(url: string): Destination {
  return swanlab({
    host: parseHost(url),
    key: () => Promise.resolve(new Secret(key)),
    id: "auto",
    exact: true,
    originalTimes: false,
    xAxis: "defined",
    tool: "runferry 0.0.0",
  });
}

/** The first value of every table of points becomes another one. */
function spoiled({ path }: Asked, body: Buffer): Buffer {
  if (!/\/signed\/.*export/.test(path)) return body;
  return Buffer.from(body.toString().replace(/\n(\d+), ?[^,\n]+/, "\n$1,0.125"));
}

/** Everything that a host holds of every run, one text each. */
async function runTexts(api: HostApi): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const project of itemsAt(await api.ask(`/project/${user}?size=1000`), "list")) {
    const name = textAt(project, "name");
    for (const id of await runIds(api, user, name)) {
      const facts = await readFacts(api, user, name, id);
      const lines = facts.groups.flatMap((group) =>
        [...facts.group(group)].map(([fact, said]) => `${group}, ${fact}: ${said}`).sort()
      );
      texts.push([`${name}/${id}`, ...lines].join("\n"));
    }
  }
  return texts.sort();
}

/** Empty hosts, each behind a proxy with these edits. */
export function swanlabPlace(projectVersion: 0 | 1, edits: Edits = {}): MakePlace {
  return async (folder): Promise<DestinationPlace> => {
    const host = await openHost({
      folder,
      port: 0,
      address: "127.0.0.1",
      projectVersion,
      accounts: [{ name: user, key }],
      now: () => 1_700_000_000_000,
    });
    let isSpoiled = false;
    const answer = (asked: Asked, answered: Answered): Buffer | number => {
      const told = edits.answer?.(asked, answered) ?? answered.body;
      return isSpoiled && typeof told !== "number" ? spoiled(asked, told) : told;
    };
    const proxy = await openEditedHost(host.url, { ...edits, answer }, new Ledger());
    const api = await HostApi.login(host.url, key);
    return {
      destination: destination(proxy.url),
      again: () => destination(proxy.url),
      async holdings(): Promise<readonly string[]> {
        await proxy.settled();
        return await runTexts(api);
      },
      damage(): Promise<void> {
        isSpoiled = true;
        return Promise.resolve();
      },
      async close(): Promise<void> {
        await proxy[Symbol.asyncDispose]();
        await host[Symbol.asyncDispose]();
      },
    };
  };
}
