/**
 * A host that is there to be killed: `bun sending_host.ts FOLDER` prints its address and serves
 * until then.
 */
import process from "node:process";
import { openHost } from "../../../adapters/hosts/swanlab/host.ts";
import { hostOptions } from "./test_host.ts";

const [folder = ""] = process.argv.slice(2);
const host = await openHost(hostOptions(folder));
process.stdout.write(`${host.url}\n`);
