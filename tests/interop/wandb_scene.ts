import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LosslessValue, parseLosslessJson } from "../../src/codec/lossless_json.ts";
import { compareFacts } from "./compare_facts.ts";
import { Facts } from "./facts.ts";
import { HostApi } from "./host_api.ts";
import { at, canonical, itemsAt } from "./json_path.ts";
import { logRun } from "./official_client.ts";
import { ourSync } from "./our_sync.ts";
import { readFacts, runIds } from "./read_facts.ts";
import type { Scene } from "./scene.ts";

const script = join(import.meta.dirname ?? ".", "log_wandb.py");

function truthIn(path: string): Facts {
  const facts = new Facts();
  const list = parseLosslessJson(readFileSync(path, "utf8"));
  for (const fact of itemsAt({ list }, "list")) {
    const [group = "", name = "", statement = ""] = itemsAt({ fact }, "fact").map(String);
    facts.add(group, name, statement);
  }
  return facts;
}

/** A statement of the host in the words of the program, which knows no times and no columns. */
function told(group: string, name: string, statement: string): readonly [string, string] {
  if (group === "console") {
    const message = /^\w+ (".*") at /s.exec(statement)?.[1] ?? statement;
    return [message, "is there"];
  }
  if (group === "config") {
    const value: LosslessValue = parseLosslessJson(statement);
    return [name, canonical(at(value, "value") ?? value)];
  }
  return [name, group.startsWith("scalar ") ? statement.replace(/ at \d+$/, "") : statement];
}

/** What the host holds of what the program says; of groups that are whole, all that it holds. */
function retold(held: Facts, truth: Facts): Facts {
  const facts = new Facts();
  for (const group of held.groups) {
    const whole = /^(scalar|media) /.test(group);
    for (const [heldName, statement] of held.group(group)) {
      const [name, words] = told(group, heldName, statement);
      if (whole ? truth.groups.includes(group) : truth.group(group).has(name)) {
        facts.add(group, name, words);
      }
    }
  }
  return facts;
}

function invented(held: Facts, truth: Facts): readonly string[] {
  return held.groups
    .filter((group) => group.startsWith("scalar ") && !truth.groups.includes(group))
    .map((group) => group.slice("scalar ".length))
    .filter((key) => !/^(__swanlab__\.|system\/)/.test(key));
}

/** A W&B run logged offline and ferried by ours, held against what its program logged. */
export async function wandbScene(scene: Scene): Promise<void> {
  const { name, programs, login, board } = scene;
  const directory = join(scene.directory, "wandb");
  const path = await board.step(
    `${name} logs a run offline`,
    () => logRun(script, [], { programs, directory }),
  );
  if (path === undefined) return;
  const project = `wandb-${scene.word}`;
  const home = join(scene.directory, "ours");
  const sync = await board.step(`${name}: ours ferries it`, async () => {
    await ourSync([path], project, login, home);
    const { sent } = await ourSync([path], project, login, home);
    if (sent !== 0) throw new Error(`a second sync sent ${sent} events again`);
    return true;
  });
  if (sync === undefined) return;
  await board.step(`${name}: no metric is there that nobody logged`, async () => {
    const api = await HostApi.login(login.url, login.key);
    const [id = ""] = await runIds(api, login.user, project);
    const held = await readFacts(api, login.user, project, id);
    const truth = truthIn(join(directory, "truth.json"));
    board.compared(name, compareFacts(truth, retold(held, truth), []));
    const extra = invented(held, truth);
    if (extra.length > 0) throw new Error(`metrics made up: ${extra.join(", ")}`);
  });
}
