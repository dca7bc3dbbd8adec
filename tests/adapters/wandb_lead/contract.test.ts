import { testSource } from "../../contract/source_kit.ts";
import { swanlabSample, wandbSample } from "../../contract/truth.ts";
import { wandb } from "./subject.ts";

const versions = ["0.12.0", "0.15.12", "0.17.5-core", "0.18.0", "0.31.0", "0.31.0-typed"];

testSource(wandb, versions.map((version) => wandbSample(`${version}/basic`)), [
  swanlabSample("0.10.3/basic").path,
  swanlabSample("0.4.5/basic").path,
  "tests/fixtures/wandb/README.md",
]);
