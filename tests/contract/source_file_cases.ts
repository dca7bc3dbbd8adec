import assert from "node:assert/strict";
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { RunReader } from "../../src/adapter.ts";
import { SourceError } from "../../src/errors.ts";
import type { FileRef, SourceEntry } from "../../src/model/file.ts";
import type { Case } from "./case.ts";
import { lock, snapshot, tree } from "./scratch.ts";
import { type Copy, readAll, type SourceSubject, withCopy, withReader } from "./source_subject.ts";
import { testContext } from "./context.ts";

async function content(reader: RunReader, ref: FileRef): Promise<Uint8Array> {
  return new Uint8Array(await new Response(await reader.file(ref)).arrayBuffer());
}

function entriesOf(reader: RunReader): Promise<readonly SourceEntry[]> {
  return Array.fromAsync(reader.entries());
}

/** Whether the run is a directory, whose entries lie on disk as files of their own. */
export function isDirectory({ ref }: Copy): boolean {
  return lstatSync(ref.path).isDirectory();
}

/** A file whose bytes belong to the run. */
function someFile(copy: Copy): string {
  if (copy.log !== undefined) return copy.log;
  if (!isDirectory(copy)) return copy.ref.path;
  const names = tree(copy.ref.path).map((name) => join(copy.ref.path, name));
  return names.find((path) => lstatSync(path).isFile()) ?? copy.ref.path;
}

/** What a source promises about the files of a run. */
export const fileCases: readonly Case<SourceSubject>[] = [
  {
    name: "lists everything in the run directory, in order of path",
    run: (subject) =>
      withCopy(subject, async (copy) => {
        if (isDirectory(copy)) {
          mkdirSync(join(copy.ref.path, "empty"));
          writeFileSync(join(copy.ref.path, "empty-"), "sorts before what is below empty/");
          writeFileSync(join(copy.ref.path, ".hidden \u{1f6a2}"), "");
          symlinkSync("nowhere", join(copy.ref.path, "dangling"));
        }
        await withReader(subject.source, copy.ref, async (reader) => {
          const entries = await entriesOf(reader);
          const paths = entries.map(({ path }) => path);
          assert.deepEqual(paths, paths.toSorted((a, b) => Buffer.from(a).compare(Buffer.from(b))));
          assert.equal(new Set(paths).size, paths.length);
          if (!isDirectory(copy)) return;
          assert.deepEqual(paths, tree(copy.ref.path).slice(1));
          for (const { path, kind, bytes, target } of entries) {
            const status = lstatSync(join(copy.ref.path, path));
            assert.equal(kind === "file", status.isFile(), path);
            assert.equal(kind === "directory", status.isDirectory(), path);
            assert.equal(bytes, status.isFile() ? status.size : 0, path);
            assert.equal(target, status.isSymbolicLink() ? "nowhere" : undefined, path);
          }
        });
      }),
  },
  {
    name: "gives the content of every file that it lists",
    run: (subject) =>
      withCopy(subject, (copy) =>
        withReader(subject.source, copy.ref, async (reader) => {
          const files = (await entriesOf(reader)).filter(({ kind }) => kind === "file");
          assert.ok(files.length > 0);
          for (const entry of files) {
            const bytes = await content(reader, entry);
            assert.equal(bytes.length, entry.bytes, entry.path);
            if (!isDirectory(copy)) continue;
            const same = readFileSync(join(copy.ref.path, entry.path)).equals(bytes);
            assert.ok(same, `${entry.path} is as it lies there`);
          }
        })),
  },
  {
    name: "opens nothing outside the run directory",
    run: (subject) =>
      withCopy(subject, async (copy) => {
        const outside = join(copy.directory, "secret");
        writeFileSync(outside, "secret");
        const paths = [outside, "../secret", "files/../../secret", "missing", "", ".", "a\0b"];
        if (isDirectory(copy)) {
          symlinkSync("../secret", join(copy.ref.path, "link"));
          symlinkSync("..", join(copy.ref.path, "up"));
          mkdirSync(join(copy.ref.path, "directory"));
          paths.push("link", "up/secret", "directory");
        }
        await withReader(subject.source, copy.ref, async (reader) => {
          for (const path of paths) {
            await assert.rejects(content(reader, { path }), SourceError, JSON.stringify(path));
          }
        });
      }),
  },
  {
    name: "opens what lies outside when the user allows it",
    run: (subject) =>
      withCopy(subject, async (copy) => {
        if (!isDirectory(copy)) return;
        const outside = join(copy.directory, "allowed");
        writeFileSync(outside, "allowed");
        const context = testContext({ followOutside: true });
        await withReader(subject.source, copy.ref, async (reader) => {
          const bytes = await content(reader, { path: outside });
          assert.equal(new TextDecoder().decode(bytes), "allowed");
        }, context);
      }),
  },
  {
    name: "gives a stamp that stays until the data changes",
    run: (subject) =>
      withCopy(subject, async (copy) => {
        const stamp = (): Promise<string> =>
          withReader(subject.source, copy.ref, (reader) => reader.stamp());
        const before = await stamp();
        assert.equal(await stamp(), before);
        const file = someFile(copy);
        const { atime, mtime } = lstatSync(file);
        await withReader(subject.source, copy.ref, async (reader) => {
          assert.equal(await reader.stamp(), before);
          utimesSync(file, atime, new Date(mtime.getTime() + 1));
          assert.notEqual(await reader.stamp(), before, "a later time of modification");
          utimesSync(file, atime, mtime);
          appendFileSync(file, "\0");
          utimesSync(file, atime, mtime);
          assert.notEqual(await reader.stamp(), before, "one byte more");
        });
      }),
  },
  {
    name: "writes nothing where it reads",
    run: (subject) =>
      withCopy(subject, async ({ directory, ref }) => {
        lock(directory);
        const before = snapshot(directory);
        await withReader(subject.source, ref, async (reader) => {
          await readAll(reader);
          for (const entry of await entriesOf(reader)) {
            if (entry.kind === "file") await content(reader, entry);
          }
          await reader.stamp();
        });
        assert.deepEqual(snapshot(directory), before);
      }),
  },
];
