/** What `npm run build:static` made must run where there is nothing but a kernel. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { readDynamic } from "../../build/elf_dynamic.ts";
import { readElf, segment } from "../../build/elf_file.ts";
import { inScratch } from "../contract/scratch.ts";
import { needs } from "./tool.ts";

const x64 = "dist/runferry-linux-x64";
const arm64 = "dist/runferry-linux-arm64";
const fixture = "tests/fixtures/swanlab/0.9.7/basic";

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a command with no environment but a path, and a folder for state. */
function run(words: readonly string[], state: string, cwd = "."): Ended {
  const [program = "", ...rest] = words;
  const env = { PATH: process.env["PATH"] ?? "", XDG_STATE_HOME: state };
  const { status, stdout, stderr, error } = spawnSync(program, rest, {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { code: status, text: `${stdout}${stderr}${error?.message ?? ""}` };
}

/** Gives `use` a scratch folder in which `app` is the executable and `runs` a fixture. */
async function withApp(
  executable: string,
  use: (folder: string) => void,
): Promise<void> {
  await inScratch((folder) => {
    cpSync(executable, join(folder, "app"));
    cpSync(fixture, join(folder, "runs"), { recursive: true });
    use(folder);
    return Promise.resolve();
  });
}

/** `--version`, then a fixture to an archive, from there to another, which is then verified. */
function ferryThereAndBack(start: readonly string[], folder: string): void {
  const steps = [
    ["--version"],
    ["sync", `${folder}/runs`, "--to", `${folder}/archive`],
    ["sync", `${folder}/archive`, "--to", `${folder}/again`],
    ["verify", `${folder}/again`],
  ];
  for (const words of steps) {
    const { code, text } = run([...start, ...words], `${folder}/state`);
    assert.equal(code, 0, `${[...start, ...words].join(" ")}: ${text}`);
  }
}

/** Every file of an archive folder, by its path. */
function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".tar")
  ).sort();
}

for (const [executable, machine] of [[x64, 62], [arm64, 183]] as const) {
  test(`${basename(executable)} has no interpreter and needs no library but itself`, () => {
    const file = readElf(readFileSync(executable));
    assert.equal(file.machine, machine);
    assert.equal(file.segments.some(({ type }) => type === segment.interpreter), false);
    const names = readDynamic(file).needed.map(({ name }) => name);
    assert.deepEqual(names.filter((name) => !name.startsWith("libc.musl-")), []);
  });
}

describe("the x64 executable", () => {
  const chroot = ["unshare", "-r", "chroot"];

  const emptyRoot = needs([...chroot, "/", "/bin/true"]);

  test("starts in an empty chroot, without /proc, /dev and /etc", emptyRoot, async () => {
    await withApp(x64, (folder) => {
      const { code, text } = run([...chroot, folder, "/app", "--version"], "/state");
      assert.equal(code, 0, text);
    });
  });

  // Bun 1.4.5 asks /proc/self/fd for the real path of a file, and says ENOENT where there is none.
  const skip = "realpath needs /proc, until src/files has one of its own";
  test("ferries in an empty chroot", { skip }, async () => {
    await withApp(x64, (folder) => {
      ferryThereAndBack([...chroot, folder, "/app"], "");
      assert.deepEqual(files(join(folder, "again")), files(join(folder, "archive")));
      assert.ok(files(join(folder, "archive")).length > 0);
    });
  });

  test("runs on a processor of 2008", needs(["qemu-x86_64-static", "--version"]), async () => {
    await withApp(x64, (folder) => {
      ferryThereAndBack(["qemu-x86_64-static", "-cpu", "Nehalem", join(folder, "app")], folder);
    });
  });

  test(
    "runs with little address space and few files",
    needs(["prlimit", "--version"]),
    async () => {
      await withApp(x64, (folder) => {
        const limits = ["--as=614400000", "--nofile=16"];
        ferryThereAndBack(["prlimit", ...limits, join(folder, "app")], folder);
      });
    },
  );

  test("opens nothing in a hostile current directory", needs(["strace", "-V"]), async () => {
    await withApp(x64, (folder) => {
      const hostile = join(folder, "hostile");
      mkdirSync(join(hostile, "node_modules/commander"), { recursive: true });
      for (const name of [".env", "bunfig.toml", "package.json", "tsconfig.json"]) {
        writeFileSync(join(hostile, name), 'preload = ["./pre.ts"]\n');
      }
      const trace = join(folder, "trace");
      const traced = ["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,execve", "-o", trace];
      const command = [...traced, join(folder, "app"), "ls", `${folder}/runs`];
      const { code, text } = run(command, `${folder}/state`, hostile);
      assert.equal(code, 0, text);
      const lines = readFileSync(trace, "utf8").split("\n");
      assert.ok(lines.some((line) => line.includes(`${folder}/runs`)), "the trace shows nothing");
      const opened = lines.filter((line) => /AT_FDCWD, "[^/]|\/hostile|node_modules/.test(line));
      assert.deepEqual(opened, []);
    });
  });
});

describe("the arm64 executable", () => {
  test("runs on an emulated processor", needs(["qemu-aarch64-static", "--version"]), async () => {
    await withApp(arm64, (folder) => {
      ferryThereAndBack(["qemu-aarch64-static", join(folder, "app")], folder);
    });
  });
});

test("SHA256SUMS holds for what is beside it", needs(["sha256sum", "--version"]), () => {
  const { code, text } = run(["sha256sum", "--check", "--strict", "SHA256SUMS"], "", "dist");
  assert.equal(code, 0, text);
});
