import process from "node:process";
import { watchCrashes } from "./cli/crash.ts";
import { execute } from "./cli/execute.ts";
import { keepSmall } from "./cli/memory.ts";
import { systemShell } from "./cli/system_shell.ts";

const argv = process.argv.slice(2);
watchCrashes(argv.includes("-vv"));
keepSmall();
const exit = await execute(argv, systemShell());
// Everything written has been taken by the system by now, so nothing is lost by ending at once,
// even when a thread still waits for a file system that does not answer.
process.exit(exit);
