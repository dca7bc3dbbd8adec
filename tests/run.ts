/**
 * `npm test`: format, lint, types, all tests under Bun, the build, and the end-to-end tests on the
 * binary. Every step runs even if an earlier one failed; ends with "N passed, N failed".
 */
import { spawn } from "node:child_process";
import process from "node:process";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Whether the command prints a count of tests; otherwise the step counts as one. */
  readonly counts: boolean;
}

const bun = "node_modules/.bin/bun";
const deno = "node_modules/.bin/deno";
const steps: readonly Step[] = [
  { name: "format", command: [deno, "fmt", "--check", "--quiet"], counts: false },
  { name: "lint", command: [deno, "lint", "--quiet"], counts: false },
  {
    name: "types",
    command: [deno, "check", "--quiet", "src", "adapters", "tests", "build.ts"],
    counts: false,
  },
  {
    name: "tests",
    command: [bun, "test", "--timeout", "120000", "tests/unit", "tests/property", "tests/contract"]
      .concat(["tests/adapters", "tests/faults", "tests/fidelity", "tests/fuzz"])
      .concat(["tests/architecture.test.ts"]),
    counts: true,
  },
  { name: "build", command: [bun, "build.ts"], counts: false },
  {
    name: "end to end",
    command: [bun, "test", "--timeout", "300000", "tests/e2e", "tests/crash"],
    counts: true,
  },
];

/** Runs a command, passes its output on, and returns it with the exit code. */
function run(
  [program = "", ...options]: readonly string[],
): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let text = "";
    const hear = (chunk: Uint8Array): void => {
      process.stdout.write(chunk);
      text += new TextDecoder().decode(chunk);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, text }));
  });
}

function count(text: string, word: string): number {
  return Number(new RegExp(`^\\s*(\\d+) ${word}$`, "m").exec(text)?.[1] ?? 0);
}

let passed = 0;
let failed = 0;
for (const { name, command, counts } of steps) {
  process.stdout.write(`\n== ${name}\n`);
  const { code, text } = await run(command);
  const good = counts ? count(text, "pass") : Number(code === 0);
  const bad = counts ? count(text, "fail") : Number(code !== 0);
  passed += good;
  // A runner that died, or found nothing to run, has failed whatever it counted.
  failed += counts && bad === 0 && (code !== 0 || good === 0) ? 1 : bad;
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
