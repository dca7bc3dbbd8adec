/** Reads all events of a run and does nothing with them; prints the seconds and the values. */
import process from "node:process";
import { sources } from "../../adapters/mod.ts";
import { plan } from "../../src/sync/plan.ts";
import { testContext } from "../contract/context.ts";

const [path = ""] = process.argv.slice(2);
const context = testContext();
const start = performance.now();
const startUsage = process.cpuUsage();
let values = 0;
for await (const found of plan([path], sources, context, { cwd: "." })) {
  if (found.type === "problem") throw found.error;
  const source = sources.find(({ name }) => name === found.ref.source);
  if (source === undefined) throw new Error(`no source is called ${found.ref.source}`);
  await using reader = await source.open(found.ref, context);
  for await (const events of reader.events()) {
    for (const event of events) {
      if (event.type === "history") values += Object.keys(event.values).length;
    }
  }
}
const seconds = (performance.now() - start) / 1000;
const usage = process.cpuUsage(startUsage);
const cpu = (usage.user + usage.system) / 1e6;
process.stdout.write(`${JSON.stringify({ seconds, cpu, values })}\n`);
