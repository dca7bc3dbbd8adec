import { swanlab } from "../../adapters/sources/swanlab/source.ts";
import { testService } from "./destination_kit.ts";
import { testSource } from "./source_kit.ts";
import { swanlabPlace } from "./swanlab_place.ts";
import { swanlabSample, wandbSample } from "./truth.ts";

const versions = ["0.4.5", "0.6.2", "0.7.20", "0.8.0rc3", "0.8.0", "0.10.3"];

testSource(swanlab, versions.map((version) => swanlabSample(`${version}/basic`)), [
  wandbSample("0.31.0/basic").path,
  "tests/fixtures/swanlab/README.md",
  "tests/fixtures/wandb/edges",
]);

testService("swanlab, a new host", swanlabPlace(1));
testService("swanlab, a host before series", swanlabPlace(0));
