import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { SourceError } from "../../../src/errors.ts";
import type { FileEvent } from "../../../src/model/event.ts";
import { contentOf, fixtures, readOnly, type ReadRun } from "./fixture_runs.ts";
import { logBytes, record, start, writeTree } from "./made_logs.ts";
import { scratchDirectories } from "./scratch_directory.ts";

const newDirectory = scratchDirectories();

function savedFiles({ events }: ReadRun): readonly FileEvent[] {
  return events.flatMap((event) => event.type === "file" ? [event] : []);
}

async function sha256({ reader }: ReadRun, { file }: FileEvent): Promise<string> {
  const bytes = await contentOf(await reader.file(file));
  return createHash("sha256").update(bytes).digest("hex");
}

/** The hash of each saved file by name, or why it cannot be read. */
async function contents(run: ReadRun): Promise<{ [name: string]: string }> {
  const found: { [name: string]: string } = {};
  for (const event of savedFiles(run)) {
    try {
      found[event.name] = await sha256(run, event);
    } catch (error) {
      assert.ok(error instanceof SourceError);
      found[event.name] = error.message.includes("outside") ? "outside" : "missing";
    }
  }
  return found;
}

/** What the program saved, by the name that a record has for it. */
function truth(folder: string): { [name: string]: string } {
  const { save_files } = JSON.parse(readFileSync(join(folder, "truth.json"), "utf8"));
  return Object.fromEntries(
    Object.entries<{ sha256: string }>(save_files).map(([name, { sha256 }]) => [
      name === "notes.txt" ? "src/notes.txt" : name,
      sha256,
    ]),
  );
}

/** A copy of a fixture whose links lead to the program's files, as on the training machine. */
function withLinks(version: string): { folder: string; source: string } {
  const folder = newDirectory();
  cpSync(join(fixtures, version, "save"), folder, { recursive: true });
  const links: { [path: string]: string } = JSON.parse(
    readFileSync(join(folder, "links.json"), "utf8"),
  );
  const source = join(newDirectory(), "src");
  cpSync(join(folder, "src"), source, { recursive: true });
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(target.replace(/^\/tmp\/s\/\d+\/src/, source), join(folder, path));
  }
  return { folder, source };
}

test("0.7.20 save: files are copies without records, and a user's config.yaml is one of them", async () => {
  const folder = join(fixtures, "0.7.20", "save");
  const run = await readOnly(folder);
  assert.deepEqual(await contents(run), truth(folder));
  assert.deepEqual(savedFiles(run).map(({ name }) => name), [
    "config.yaml",
    "empty.dat",
    "end.txt",
    "live.txt",
    "src/notes.txt",
    "sub dir/モデル.bin",
  ]);
});

for (const version of ["0.9.7", "0.10.3"]) {
  test(`${version} save: links that lead outside are refused, and followed when that is allowed`, async () => {
    const { folder, source } = withLinks(version);
    const expected = truth(folder);
    const outside = Object.fromEntries(Object.keys(expected).map((name) => [name, "outside"]));
    assert.deepEqual(await contents(await readOnly(join(folder, "swanlog"))), outside);
    const followed = await contents(
      await readOnly(join(folder, "swanlog"), { followOutside: true }),
    );
    // The user's config.yaml got no link; its record has a path that is gone.
    assert.deepEqual(followed, { ...expected, "config.yaml": "missing" });
    rmSync(source, { recursive: true });
    const gone = await contents(await readOnly(join(folder, "swanlog")));
    assert.deepEqual(new Set(Object.values(gone)), new Set(["outside"]));
  });

  test(`${version} save: copies are found by name, or by base name`, async () => {
    const folder = newDirectory();
    cpSync(join(fixtures, version, "save"), folder, { recursive: true });
    const { ref } = await readOnly(join(folder, "swanlog"));
    const copies = ["sub dir/モデル.bin", "end.txt", "live.txt", "empty.dat"];
    for (const name of copies) cpSync(join(folder, "src", name), join(ref.path, "files", name));
    // src/notes.txt was copied without its folder.
    cpSync(join(folder, "src", "notes.txt"), join(ref.path, "files", "notes.txt"));
    const run = await readOnly(join(folder, "swanlog"));
    assert.deepEqual(await contents(run), { ...truth(folder), "config.yaml": "outside" });
    const config = savedFiles(run).find(({ name }) => name === "config.yaml");
    assert.match(config?.file.path ?? "", /^\/tmp\/s\/\d\/src\/config\.yaml$/);
    assert.equal(savedFiles(run).length, 7);
  });
}

test("names that lead elsewhere are losses, and nothing outside is opened", async () => {
  const directory = newDirectory();
  const names = [
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "..",
    "a/../../b",
    "nul\0byte",
    "",
    "config.yaml",
    "sub\\..\\..\\x",
  ];
  const saves = names.map((name, at) =>
    record(at + 1, 20, [[1, name], [2, "/etc/passwd"], [3, "/etc/passwd"]])
  );
  const media = record(50, 14, [
    [1, "m"],
    [3, 2],
    [5, { message: [[1, { message: [[1, "../../../secret.png"]] }]] }],
  ]);
  writeTree(directory, {
    "secret.png": "outside",
    "b": "outside",
    "swanlog/run-20260101_000000-id1/run-id1.swanlab": logBytes(2, [start, ...saves, media]),
    "swanlog/run-20260101_000000-id1/files/config.yaml": "lr: {desc: '', sort: 0, value: 1}\n",
    "swanlog/run-20260101_000000-id1/files/own.txt": "inside",
  });
  const run = await readOnly(join(directory, "swanlog"));
  const found = savedFiles(run);
  assert.deepEqual(found.map(({ name }) => name), [...names, "own.txt"]);
  for (const { name, file } of found) {
    if (name === "own.txt") {
      assert.equal(await sha256(run, found.at(-1) as FileEvent), hash("inside"));
    } else await assert.rejects(run.reader.file(file), SourceError);
  }
  const [item] = run.events.flatMap((event) => event.type === "media" ? event.items : []);
  assert.ok(item?.file);
  await assert.rejects(run.reader.file(item.file), /outside/);
});

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

test("a text whose file is a link out is given without its content", async () => {
  const directory = newDirectory();
  const item = (name: string) => ({
    message: [[1, { message: [[1, name]] as const }]] as const,
  });
  const text = (number: number, name: string): Uint8Array =>
    record(number, 14, [[1, "t"], [2, number], [3, 4], [5, item(name)]]);
  writeTree(directory, {
    "secret.txt": "outside",
    "run-20260101_000000-id1/run-id1.swanlab": logBytes(2, [
      start,
      text(1, "in.txt"),
      text(2, "out.txt"),
      text(3, "gone.txt"),
      text(4, "binary.txt"),
      text(5, "long.txt"),
      text(6, "empty.txt"),
    ]),
    "run-20260101_000000-id1/media/text/in.txt": "inside ✓",
    "run-20260101_000000-id1/media/text/binary.txt": new Uint8Array([0xff, 0xfe]),
    "run-20260101_000000-id1/media/text/long.txt": "x".repeat(64 * 1024 + 1),
    "run-20260101_000000-id1/media/text/empty.txt": "",
  });
  const run = join(directory, "run-20260101_000000-id1");
  symlinkSync(join(directory, "secret.txt"), join(run, "media/text/out.txt"));
  const { events } = await readOnly(run);
  const texts = events.flatMap((event) => event.type === "media" ? event.items : [])
    .map(({ text }) => text);
  assert.deepEqual(texts, ["inside ✓", undefined, undefined, undefined, undefined, ""]);
});

test("what lies in files without a record is given, whatever it is called", async () => {
  const directory = newDirectory();
  const run = join(directory, "run-20260101_000000-id1");
  writeTree(run, {
    "run-id1.swanlab": logBytes(2, [start]),
    "files/ünï cödé ✓/deep/er.txt": "1",
    "files/sub/config.yaml": "2",
    "files/requirements.txt": "numpy\n",
    "files/__proto__": "3",
  });
  linkSync(join(run, "files/sub/config.yaml"), join(run, "files/hard link"));
  symlinkSync("sub", join(run, "files/folder link"));
  symlinkSync("gone", join(run, "files/dangling"));
  const read = await readOnly(run);
  assert.deepEqual(
    savedFiles(read).map(({ name, file }) => [name, file.bytes]),
    [
      ["__proto__", 1],
      ["dangling", undefined],
      ["hard link", 1],
      ["sub/config.yaml", 1],
      ["ünï cödé ✓/deep/er.txt", 1],
    ],
  );
  assert.ok(existsSync(join(run, "files/folder link")));
});

test("files that is a link is named and not followed", async () => {
  const directory = newDirectory();
  const run = join(directory, "run-20260101_000000-id1");
  writeTree(directory, {
    "elsewhere/secret.txt": "1",
    "run-20260101_000000-id1/run-id1.swanlab": logBytes(2, [start]),
  });
  symlinkSync(join(directory, "elsewhere"), join(run, "files"));
  const read = await readOnly(run);
  assert.deepEqual(savedFiles(read), []);
  const gaps = read.events.flatMap((event) => event.type === "gap" ? [event.reason] : []);
  assert.ok(gaps.includes("files is a link, which is not followed"), gaps.join());
});
