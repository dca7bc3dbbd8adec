import { cpus } from "node:os";
import process from "node:process";
import { writeBetweenMarkers } from "./report.ts";

/** The tables of a bench, printed as they come, below a line about this machine. */
export class Sheets {
  readonly #texts: string[] = [];

  constructor() {
    const [cpu] = cpus();
    this.tell(
      `${cpus().length} × ${cpu?.model.trim()}, ${process.platform} ${process.arch}.\n`,
    );
  }

  /** Prints a table, or a line. */
  tell(text: string): void {
    process.stdout.write(`${text}\n`);
    this.#texts.push(text);
  }

  /** Puts all of them between these markers of docs/performance.md. */
  write(markers: readonly [string, string]): void {
    const text = `<!-- deno-fmt-ignore-start -->\n\n${
      this.#texts.join("\n")
    }\n<!-- deno-fmt-ignore-end -->`;
    writeBetweenMarkers("docs/performance.md", text, markers);
  }
}
