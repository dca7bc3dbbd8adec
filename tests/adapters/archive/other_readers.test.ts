import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import {
  blockBytes,
  encodeHeader,
  endBytes,
  paddedBytes,
} from "../../../src/archive/tar_header.ts";
import { inScratch, snapshot } from "../../contract/scratch.ts";
import { ferryWhole, openTar } from "./ferry.ts";
import { runOf, sampleEvents, writeRunDirectory } from "./sample_run.ts";

/** Output of a program; undefined, with the reason printed, where it is missing or fails `needs`. */
function output(program: string, ...options: readonly string[]): string | undefined {
  try {
    return execFileSync(program, options, { encoding: "utf8", stdio: "pipe", maxBuffer: 1 << 26 });
  } catch (error) {
    const missing = (error as { code?: string }).code === "ENOENT";
    if (!missing) throw error;
    process.stderr.write(`Left out: ${program} is missing\n`);
    return undefined;
  }
}

/** Whether a Python module is there; if not, the reason is printed. */
function pythonHas(module: string): boolean {
  try {
    return execFileSync("python3", ["-c", `import ${module}`], { stdio: "pipe" }) !== undefined;
  } catch {
    process.stderr.write(`Left out: python3 with ${module} is missing\n`);
    return false;
  }
}

const hash = `
import hashlib, json, sys, tarfile
tar = tarfile.open(sys.argv[1])
names = tar.getnames()
assert names[0] == "manifest.json", names
manifest = json.load(tar.extractfile("manifest.json"))
assert names[1:] == [entry["path"] for entry in manifest["entries"]], names
for entry in manifest["entries"]:
    member = tar.getmember(entry["path"])
    assert member.size == entry["bytes"] and member.mode == entry["mode"], entry
    if entry["kind"] == "file":
        content = tar.extractfile(member).read()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry
    elif entry["kind"] == "link":
        assert member.issym() and member.linkname == entry["target"], entry
    else:
        assert member.isdir(), entry
print(len(names))
`;

/** Writes a run directory with every kind of name that tar has to be clever about. */
function writeHardNames(scratch: string): string {
  const directory = writeRunDirectory(scratch);
  const deep = "d".repeat(90);
  mkdirSync(join(directory, deep, deep, deep, deep), { recursive: true });
  const names = [
    "n".repeat(99),
    "n".repeat(100),
    "n".repeat(101),
    "n".repeat(255),
    `${deep}/${deep}/${deep}/${deep}/${"n".repeat(200)}`,
    "Ünïcødé ✓ 🚢",
    "back\\slash",
    "new\nline",
    " spaces ",
    "-dash",
    "*?[x]",
  ];
  for (const name of names) writeFileSync(join(directory, name), name);
  return directory;
}

test("GNU tar unpacks the run directory as it was", () =>
  inScratch(async (scratch) => {
    const directory = writeHardNames(scratch);
    await ferryWhole(runOf(directory), join(scratch, "a"));
    const tar = join(scratch, "a/project/run-1.tar");
    const names = output("tar", "tf", tar);
    if (names === undefined) return;
    assert.match(names, /^manifest\.json\n/);
    mkdirSync(join(scratch, "out"));
    output("tar", "xf", tar, "-C", join(scratch, "out"));
    const strip = (lines: readonly string[]): readonly string[] =>
      lines.slice(1).map((line) => line.replace(/ (\d+)\d{9} (\d+ \S*)$/, " $1 $2"));
    assert.deepEqual(strip(snapshot(join(scratch, "out/source"))), strip(snapshot(directory)));
  }));

test("Python's tarfile reads every entry as the manifest describes it", () =>
  inScratch(async (scratch) => {
    await ferryWhole(runOf(writeHardNames(scratch)), join(scratch, "a"));
    const count = output("python3", "-c", hash, join(scratch, "a/project/run-1.tar"));
    if (count !== undefined) assert.ok(Number(count) > 20);
  }));

test("the ten lines of Python in FORMAT.md print every event", () =>
  inScratch(async (scratch) => {
    if (!pythonHas("msgpack, zstandard")) return;
    await ferryWhole(runOf(writeRunDirectory(scratch)), join(scratch, "a"));
    const format = readFileSync("src/archive/FORMAT.md", "utf8");
    const [, script = ""] = /```python\n(.*?)```/s.exec(format) ?? [];
    assert.ok(script.split("\n").length <= 12, script);
    const text = output("python3", "-c", script, join(scratch, "a/project/run-1.tar")) ?? "";
    const lines = text.trimEnd().split("\n");
    assert.equal(lines.length, sampleEvents().length);
    assert.match(lines[1] ?? "", /'big': 1208925819614629174706176/);
    assert.match(lines[1] ?? "", /\[1, nan, -0\.0\]/);
    assert.match(lines[5] ?? "", /'step': 0\.0, 'time': 1700000000000\.0, .*'loss': inf/);
  }));

test("GNU tar and Python list an entry of more than 8 GiB", () =>
  inScratch(async (scratch) => {
    const bytes = 9 * 2 ** 30 + 5;
    const fields = { path: "source/large", kind: "file", mode: 0o644, modified: 0 } as const;
    const tar = join(scratch, "large.tar");
    const file = openSync(tar, "w");
    writeFileSync(file, encodeHeader({ ...fields, bytes }));
    truncateSync(tar, blockBytes + paddedBytes(bytes));
    closeSync(file);
    writeFileSync(tar, encodeHeader({ ...fields, path: "source/behind", bytes: 0 }), { flag: "a" });
    truncateSync(tar, 2 * blockBytes + paddedBytes(bytes) + endBytes);
    const listed = output("tar", "tvf", tar);
    if (listed !== undefined) {
      assert.match(listed, /9663676421 .* source\/large\n.* 0 .* source\/behind\n$/);
    }
    const script = "import sys, tarfile; print([m.size for m in tarfile.open(sys.argv[1])])";
    const sizes = output("python3", "-c", script, tar);
    if (sizes !== undefined) assert.equal(sizes, "[9663676421, 0]\n");
    await assert.rejects(openTar(tar), /is not a runferry archive/);
  }));
