import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { archive } from "../../adapters/destinations/archive/destination.ts";
import { sources } from "../../adapters/mod.ts";
import type { RunFiles, RunReader } from "../../src/adapter.ts";
import { ToolError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { FileRef } from "../../src/model/file.ts";
import { fileRefs } from "../../src/model/file_refs.ts";
import type { RunRef } from "../../src/model/run.ts";
import { TallyBuilder } from "../../src/model/tally_builder.ts";
import { plan } from "../../src/sync/plan.ts";
import { silentProgress } from "../silent_progress.ts";
import { transfer } from "../../src/sync/transfer.ts";
import { testContext } from "../contract/context.ts";
import { secret } from "./fuzz_case.ts";

const context = testContext();
/** Enough to meet the secret, little enough to be quick. */
const mostFileBytes = 4 * 2 ** 20;

/** Names, sizes and times of a tree; links are not followed. */
function fingerprint(directory: string): string {
  const hash = createHash("sha256");
  const visit = (path: string): void => {
    const { size, mtimeNs, mode } = lstatSync(path, { bigint: true });
    hash.update(`${path}\0${size} ${mtimeNs} ${mode}\0`);
    if (!lstatSync(path).isDirectory()) return;
    for (const name of readdirSync(path).sort()) visit(join(path, name));
  };
  visit(directory);
  return hash.digest("hex");
}

/** Runs `work`; what is thrown must be an error meant for the user. */
async function orToolError(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    assert.notEqual(error.code, "internal");
    assert.notEqual(error.message, "");
  }
}

async function readFile(run: RunFiles, ref: FileRef): Promise<void> {
  let read = 0;
  for await (const piece of await run.file(ref)) {
    read += piece.length;
    const text = new TextDecoder("latin1").decode(piece);
    assert.ok(!text.includes(secret), `${ref.path} leads to the secret beside the run`);
    if (read > mostFileBytes) return;
  }
}

/** Checks the promises about the order of events. */
class Order {
  #next = 0;
  #finished = false;

  check(event: RunEvent): void {
    assert.equal(event.seq, this.#next++, "seq counts without gaps");
    assert.ok(!this.#finished, "nothing comes behind finish");
    if (event.seq === 0) assert.equal(event.type, "run");
    this.#finished = event.type === "finish";
    if (event.type === "gap") {
      assert.ok(event.offset >= 0 && event.bytes >= 0, "a gap is somewhere");
    }
  }
}

async function examineReader(reader: RunReader): Promise<void> {
  const order = new Order();
  const tally = new TallyBuilder();
  const paths = new Set<string>();
  for await (const events of reader.events()) {
    assert.notEqual(events.length, 0, "arrays are not empty");
    for (const event of events) {
      order.check(event);
      tally.add(event);
      for (const ref of fileRefs(event)) if (paths.size < 200) paths.add(ref.path);
    }
  }
  tally.result();
  for (const path of paths) await orToolError(() => readFile(reader, { path }));
  await orToolError(async () => {
    for await (const entry of reader.entries()) {
      if (entry.kind === "file") await orToolError(() => readFile(reader, entry));
    }
  });
  await orToolError(async () => void await reader.stamp());
}

async function examineRun(ref: RunRef, store: string): Promise<void> {
  const source = sources.find(({ name }) => name === ref.source);
  assert.ok(source, `${ref.source} is a source`);
  await orToolError(async () => {
    await using reader = await source.open(ref, context);
    await examineReader(reader);
  });
  await orToolError(async () => {
    await using reader = await source.open(ref, context);
    const excluded = { console: false, media: false };
    const options = { excluded, recheck: true, context, progress: silentProgress };
    for (const { error } of await transfer(reader, [archive(store)], options)) {
      const { code, message = "" } = error ?? {};
      assert.ok(code !== "internal" && code !== "verify", message);
    }
  });
}

/**
 * Finds every run below `path`, reads all there is of it and ferries it into an archive below
 * `scratch`, which exists. Rejects when anything but an error meant for the user comes of it.
 */
export async function examine(path: string, scratch: string): Promise<void> {
  const before = fingerprint(path);
  let runs = 0;
  await orToolError(async () => {
    for await (const found of plan([path], sources, context, { cwd: path })) {
      if (found.type === "problem") continue;
      const store = join(scratch, `store-${runs++}`);
      mkdirSync(store);
      await examineRun(found.ref, store);
    }
  });
  assert.equal(fingerprint(path), before, "the source tree is as it was");
}
