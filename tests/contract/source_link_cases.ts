import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SourceError } from "../../src/errors.ts";
import type { Case } from "./case.ts";
import { isDirectory } from "./source_file_cases.ts";
import {
  type Copy,
  historyPoints,
  pointText,
  reading,
  type SourceSubject,
  withCopy,
} from "./source_subject.ts";

const canary = "canary";

/** What a reading told: the events as one text, and the values; nothing when it was refused. */
interface Told {
  readonly text: string;
  readonly points: readonly string[];
}

async function told({ source }: SourceSubject, { ref }: Copy): Promise<Told> {
  try {
    const { events } = await reading(source, ref);
    const text = JSON.stringify(
      events,
      (_, value) => typeof value === "bigint" ? `${value}` : value,
    );
    return { text, points: historyPoints(events).map(pointText) };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { text: "", points: [] };
  }
}

/** The directories directly in the run directory. */
function directoriesOf({ ref }: Copy): readonly string[] {
  return readdirSync(ref.path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** What a source promises about links that lead out of the run directory. */
export const linkCases: readonly Case<SourceSubject>[] = [
  {
    name: "does not look through a link at what lies outside",
    run: (subject) =>
      withCopy(subject, async (copy) => {
        if (!isDirectory(copy)) return;
        const outside = join(copy.directory, "outside");
        mkdirSync(outside);
        for (const name of directoriesOf(copy)) {
          renameSync(join(copy.ref.path, name), join(outside, name));
        }
        const without = await told(subject, copy);
        for (const name of readdirSync(outside)) {
          writeFileSync(join(outside, name, `${canary}.png`), canary);
          symlinkSync(join(outside, name), join(copy.ref.path, name));
        }
        const linked = await told(subject, copy);
        assert.ok(!linked.text.includes(canary), "a file outside is named");
        assert.deepEqual(linked.points, without.points, "values are read from outside");
      }),
  },
];
