import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type LineKind, parseLines } from "../../e2e/lines.ts";

const page = readFileSync(new URL("../../../docs/json.md", import.meta.url), "utf8");

/** The JSON examples of one section, each on one line. */
function examples(section: string): readonly string[] {
  const [, text = ""] = page.split(`\n## ${section}\n`);
  const [own = ""] = text.split("\n## ");
  return [...own.matchAll(/```json\n(.*?)```/gs)].map(([, json = ""]) =>
    `${JSON.stringify(JSON.parse(json))}\n`
  );
}

describe("the page about JSON", () => {
  it("has examples that its schema allows", () => {
    const table: readonly (readonly [string, LineKind, number])[] = [
      ["sync", "syncLine", 3],
      ["clean", "cleanLine", 2],
      ["ls", "lsLine", 1],
      ["login, logout, whoami", "accountLine", 1],
      ["serve", "serveLine", 1],
    ];
    for (const [section, kind, count] of table) {
      const found = examples(section);
      assert.equal(found.length, count, section);
      for (const line of found) parseLines(line, kind);
    }
  });

  it("names every field that its schema names", () => {
    const schema = JSON.parse(
      readFileSync(new URL("../../../docs/json.schema.json", import.meta.url), "utf8"),
    );
    for (
      const name of [
        "outcome",
        "summary",
        "cleanedRun",
        "cleanSummary",
        "inspected",
        "listedRun",
        "shownRun",
        "account",
        "ready",
      ]
    ) {
      for (const field of Object.keys(schema.definitions[name].properties)) {
        assert.ok(page.includes(`\`${field}\``) || page.includes(`"${field}"`), `${name}.${field}`);
      }
    }
  });
});

describe("the schema", () => {
  it("refuses what runferry never prints", () => {
    const table: readonly (readonly [string, LineKind])[] = [
      ['{"type":"history","seq":0,"step":1}', "event"],
      ['{"type":"history","seq":0,"step":1,"values":{"a":{"b":1}}}', "event"],
      ['{"type":"console","seq":0,"stream":"stdout","text":"x","line":0}', "event"],
      ['{"type":"gap","seq":-1,"offset":0,"bytes":1,"reason":"x"}', "event"],
      ['{"type":"surprise","seq":0}', "event"],
      ['{"type":"error","code":"oops","message":"x"}', "syncLine"],
      ['{"type":"summary","runs":1}', "syncLine"],
      ['{"type":"run","path":"/x"}', "lsLine"],
      ['{"type":"login","host":"swanlab","url":"https://x","key":"k"}', "accountLine"],
    ];
    for (const [line, kind] of table) {
      assert.throws(() => parseLines(`${line}\n`, kind), line);
    }
  });
});
