import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { archive as archiveDestination } from "../../adapters/destinations/archive/destination.ts";
import { archive as archiveSource } from "../../adapters/sources/archive/source.ts";
import { testKeeper } from "./destination_kit.ts";
import { delivered, type DestinationPlace, type MakePlace } from "./destination_subject.ts";
import { everythingRun, plainRun, undamaged } from "./sample_runs.ts";
import { tree } from "./scratch.ts";
import { testSource } from "./source_kit.ts";
import { historyPoints, type Sample } from "./source_subject.ts";
import { swanlabSample, wandbSample } from "./truth.ts";

/** Every file below an archive, hidden ones too. */
function files(folder: string): readonly string[] {
  return tree(folder).filter((path) => lstatSync(join(folder, path)).isFile());
}

/** An archive; a bit of the last quarter of each tar can be turned. */
function archivePlace(keepSource: boolean): MakePlace {
  return (folder): DestinationPlace => {
    const again = (): DestinationPlace["destination"] => archiveDestination(folder, { keepSource });
    return {
      destination: again(),
      again,
      holdings: () => Promise.resolve(files(folder)),
      damage(): Promise<void> {
        for (const path of files(folder)) {
          const bytes = readFileSync(join(folder, path));
          const at = Math.floor(bytes.length * 0.75);
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          writeFileSync(join(folder, path), bytes);
        }
        return Promise.resolve();
      },
    };
  };
}

testKeeper("archive", archivePlace(true));
testKeeper("archive without sources", archivePlace(false));

const made = realpathSync(mkdtempSync(join(tmpdir(), "contract-archive-")));
after(() => rmSync(made, { recursive: true }));

/** Archives a run and gives the tar as a sample. */
async function sampleOf(run: typeof plainRun, name: string): Promise<Sample> {
  const folder = join(made, name);
  mkdirSync(folder);
  await delivered(archiveDestination(folder), run);
  const [tar = ""] = files(folder);
  return { path: join(folder, tar), points: historyPoints(run.events), indivisible: true };
}

testSource(
  archiveSource,
  [await sampleOf(plainRun, "plain"), await sampleOf(undamaged(everythingRun), "everything")],
  [
    swanlabSample("0.10.3/basic").path,
    wandbSample("0.31.0/basic").path,
    "tests/fixtures/wandb/README.md",
  ],
);
