import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import type { SavedFile } from "../../../adapters/destinations/swanlab/mapping/outbox.ts";
import {
  SavedFiles,
  type SavedResult,
} from "../../../adapters/destinations/swanlab/saved_files.ts";
import type { RunFiles } from "../../../src/adapter.ts";
import { openMemoryRun } from "../../contract/memory_run.ts";
import { fakeSession } from "./fake_place.ts";
import {
  type Answer,
  type Asked,
  openRecordingProxy,
  type Passed,
  type RecordingProxy,
} from "./recording_proxy.ts";

const mega = 1 << 20;

/** What the host is asked to store in parts. */
interface Announced {
  readonly files: readonly {
    readonly path: string;
    readonly size: number;
    readonly count: number;
  }[];
}

/** A host that takes saved files, and tags each part with its length. */
function takesFiles(url: string): (asked: Asked) => Answer {
  return ({ path, body }) => {
    if (path.endsWith("/files/prepare")) {
      const { files } = JSON.parse(body.toString()) as Announced;
      const urls = files.map((file) => `${url}/put/${encodeURIComponent(file.path)}`);
      return { status: 201, body: JSON.stringify({ urls }) };
    }
    if (path.endsWith("/files/prepare-multipart")) {
      const { files: [file] } = JSON.parse(body.toString()) as Announced;
      const parts = Array.from({ length: file?.count ?? 0 }, (_, at) => ({
        partNumber: at + 1,
        url: `${url}/put/part%252F${at + 1}`,
      }));
      const files = [{ path: file?.path, uploadId: "u-1", parts: parts.reverse() }];
      return { status: 201, body: JSON.stringify({ files }) };
    }
    return { status: 200, headers: { etag: `"tag-${body.length}"` } };
  };
}

/** Stores some files of a run at a host. */
async function store(
  host: RecordingProxy,
  run: RunFiles,
  paths: readonly string[],
  answer: (asked: Asked) => Answer | undefined = () => undefined,
): Promise<SavedResult> {
  const usual = takesFiles(host.url);
  const session = fakeSession(host, (asked) => answer(asked) ?? usual(asked));
  const files = paths.map((path, seq): SavedFile => ({ path, seq, content: { file: { path } } }));
  return await new SavedFiles(session, run).store(files, {}, () => Promise.resolve("r-1"));
}

function named(passed: readonly Passed[], ending: string): readonly Passed[] {
  return passed.filter(({ path }) => path.endsWith(ending));
}

function bodyOf(passed: readonly Passed[], ending: string): unknown {
  return JSON.parse(named(passed, ending)[0]?.body.toString() ?? "null");
}

/** A text of so many bytes whose parts differ. */
function text(bytes: number): string {
  return Array.from({ length: bytes / 16 }, (_, at) => String(at).padStart(16, "0")).join("");
}

describe("a saved file", () => {
  it("that is large is stored in parts of bounded size, completed in order with their tags", async () => {
    await using host = await openRecordingProxy();
    const content = text(20 * mega);
    const run = openMemoryRun({ events: [], files: new Map([["a/big.bin", content]]) });
    const result = await store(host, run, ["a/big.bin"]);
    const [announced] = (bodyOf(host.passed, "/prepare-multipart") as Announced).files;
    assert.deepEqual(announced, {
      path: "a/big.bin",
      size: 20 * mega,
      md5: createHash("md5").update(content).digest("hex"),
      mimeType: "application/octet-stream",
      count: 3,
    });
    const puts = host.passed.filter(({ method }) => method === "PUT")
      .sort((left, right) => left.path < right.path ? -1 : 1);
    assert.deepEqual(puts.map(({ path }) => path), [1, 2, 3].map((at) => `/put/part%252F${at}`));
    assert.equal(Buffer.concat(puts.map(({ body }) => body)).toString(), content);
    assert.ok(puts.every(({ body }) => body.length <= 8 * mega));
    assert.deepEqual(bodyOf(host.passed, "/complete-multipart"), {
      files: [{
        path: "a/big.bin",
        uploadId: "u-1",
        parts: [8 * mega, 8 * mega, 4 * mega].map((size, at) => ({
          partNumber: at + 1,
          etag: `tag-${size}`,
        })),
      }],
    });
    assert.deepEqual(result.losses, []);
    assert.equal(result.sent, 1);
  });

  it("that is small is announced with up to a hundred others", async () => {
    await using host = await openRecordingProxy();
    const paths = Array.from({ length: 150 }, (_, at) => `f${at}.txt`);
    const files = new Map(paths.map((path) => [path, `of ${path}`]));
    const result = await store(host, openMemoryRun({ events: [], files }), paths);
    const counts = named(host.passed, "/files/prepare")
      .map(({ body }) => (JSON.parse(body.toString()) as Announced).files.length);
    assert.deepEqual(counts, [100, 50]);
    const puts = host.passed.filter(({ method }) => method === "PUT");
    assert.equal(puts.length, 150);
    for (const { path, body } of puts) assert.equal(body.toString(), `of ${path.slice(5)}`);
    assert.equal(result.contents.size, 150);
  });

  it("that a host refuses in part is given up there, and the refusal told", async () => {
    await using host = await openRecordingProxy();
    const files = new Map([["big.bin", text(9 * mega)]]);
    const refuses = ({ method }: Asked): Answer | undefined =>
      method === "PUT" ? { status: 403, reason: "Forbidden" } : undefined;
    const run = openMemoryRun({ events: [], files });
    await assert.rejects(
      store(host, run, ["big.bin"], refuses),
      /Cannot store big\.bin \(part \d\)/,
    );
    assert.deepEqual(bodyOf(host.passed, "/files/complete"), {
      files: [{ path: "big.bin", state: "FAILED" }],
    });
    assert.equal(named(host.passed, "/complete-multipart").length, 0);
  });

  it("that changes while it is sent is lost for now, and the others are stored", async () => {
    await using host = await openRecordingProxy();
    const run = openMemoryRun({ events: [], files: new Map([["note.txt", "a note"]]) });
    const sizes = [10 * mega, 9 * mega];
    const growing: RunFiles = {
      ...run,
      file: (ref) =>
        ref.path === "log.bin"
          ? Promise.resolve(new Blob([text(sizes.shift() ?? 0)]).stream())
          : run.file(ref),
    };
    const result = await store(host, growing, ["log.bin", "note.txt"]);
    assert.deepEqual(result.losses, [{
      seq: 0,
      kind: "rejected",
      reason: "file not read: it changed while it was sent",
      example: "log.bin",
    }]);
    const puts = host.passed.filter(({ path }) => path.endsWith("note.txt"));
    assert.equal(puts.length, 1);
  });

  it("that cannot be read is a loss, and one that a host does not take another", async () => {
    await using host = await openRecordingProxy();
    const files = new Map([["note.txt", "a note"], ["gone.txt", undefined], [
      "big",
      text(9 * mega),
    ]]);
    const run = openMemoryRun({ events: [], files });
    const old = ({ path }: Asked): Answer | undefined =>
      path.includes("/files/") ? { status: 404 } : undefined;
    const result = await store(host, run, ["note.txt", "gone.txt", "big"], old);
    assert.deepEqual(result.losses.map(({ seq, kind, reason }) => [seq, kind, reason]), [
      [1, "rejected", "file not read: it is not there"],
      [0, "unsupported", "the host takes no saved files"],
      [2, "unsupported", "the host takes no saved files"],
    ]);
  });
});
