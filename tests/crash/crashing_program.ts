/**
 * The program as `src/main.ts` has it, but that it does not wait: its clock jumps instead, and a
 * little whenever it is looked at, so that what is written down from time to time is. What it was
 * given as node:fs/promises is another matter; see `program.ts`.
 */
import process from "node:process";
import { execute } from "../../src/cli/execute.ts";
import { systemShell } from "../../src/cli/system_shell.ts";

let jumped = 0;
const shell = systemShell();
const exit = await execute(process.argv.slice(2), {
  ...shell,
  now: () => shell.now() + (jumped += 1000),
  async sleep(ms): Promise<void> {
    jumped += ms;
    await new Promise((resolve) => setImmediate(resolve));
  },
});
process.exit(exit);
