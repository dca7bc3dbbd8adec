/** The source under test: the one place that names it. */
export { wandb } from "../../../adapters/sources/wandb_lead/source.ts";
