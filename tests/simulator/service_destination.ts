import { Turns } from "../../adapters/destinations/swanlab/turns.ts";
import type {
  Context,
  Destination,
  Receipt,
  RunFiles,
  RunWriter,
  Verdict,
} from "../../src/adapter.ts";
import { systemCode, TransientError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { Row } from "./model_log.ts";
import type { ModelProcess } from "./model_process.ts";
import { longestDelay, type ModelService } from "./model_service.ts";

/** Rows of a request. */
const most = 2;
const attempts = 3;

/** A client of the model service, as careful as one has to be: it asks before it sends again. */
export function serviceDestination(service: ModelService, process: ModelProcess): Destination {
  const turns = new Turns();
  const api = new Api(service, process);
  return {
    name: "service",
    capabilities: { assurance: "counted", keepsSource: false, keepsEvents: false },
    check: () => Promise.resolve({ name: "model" }),
    async open(run: RunFiles, id, _saved, context): Promise<RunWriter> {
      const release = await turns.take(id);
      try {
        return new ServiceWriter(run, api, await api.held(id, context), { release, context });
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

class Api {
  readonly #service: ModelService;
  readonly #process: ModelProcess;

  constructor(service: ModelService, process: ModelProcess) {
    this.#service = service;
    this.#process = process;
  }

  /** What the service has of a run, values by step, once all that it took is shown. */
  async held(id: string, { wait }: Context): Promise<Map<number, number[]>> {
    await wait(longestDelay);
    const held = new Map<number, number[]>();
    const rows = await this.#ask("question", id, () => this.#service.shown(id));
    for (const { step, value } of rows) held.set(step, [...held.get(step) ?? [], value]);
    return held;
  }

  /** Has rows added exactly once. */
  async add(id: string, rows: readonly Row[], context: Context): Promise<void> {
    let left = rows;
    for (let attempt = 1; left.length > 0; attempt++) {
      try {
        await this.#ask("request", id, () => this.#service.add(id, left));
        return;
      } catch (error) {
        if (!(error instanceof TransientError) || attempt === attempts) throw error;
      }
      const held = await this.held(id, context);
      left = left.filter(({ step }) => !held.has(step));
    }
  }

  async #ask<Result>(name: string, subject: string, act: () => Result): Promise<Result> {
    try {
      return await this.#process.step({ name, subject, act });
    } catch (error) {
      if (systemCode(error) !== "ECONNRESET") throw error;
      throw new TransientError("The connection was lost", { cause: error });
    }
  }
}

class ServiceWriter implements RunWriter {
  readonly remote: { readonly id: string };
  readonly held: undefined;
  readonly #api: Api;
  readonly #before: ReadonlyMap<number, readonly number[]>;
  readonly #release: () => void;
  readonly #context: Context;
  readonly #expected: Row[] = [];
  readonly #waiting: (Row & { readonly seq: number })[] = [];
  #last = -1;

  constructor(
    { info: { id } }: RunFiles,
    api: Api,
    before: ReadonlyMap<number, readonly number[]>,
    { release, context }: { readonly release: () => void; readonly context: Context },
  ) {
    this.remote = { id };
    this.#api = api;
    this.#before = before;
    this.#release = release;
    this.#context = context;
  }

  async write(batch: readonly RunEvent[]): Promise<Receipt> {
    await this.expect(batch);
    let present = 0;
    for (const event of batch) {
      this.#last = event.seq;
      if (event.type !== "history") continue;
      const { seq, step } = event;
      if (this.#before.has(Number(step))) present++;
      else this.#waiting.push({ step: Number(step), value: Number(event.values["loss"]), seq });
    }
    while (this.#waiting.length >= most) await this.#send(most);
    const first = this.#waiting[0]?.seq ?? Infinity;
    return { through: Math.min(this.#last, first - 1), present, losses: [] };
  }

  async flush(): Promise<Receipt> {
    await this.#send(this.#waiting.length);
    return { through: this.#last, present: 0, losses: [] };
  }

  expect(batch: readonly RunEvent[]): Promise<void> {
    for (const event of batch) {
      if (event.type !== "history") continue;
      this.#expected.push({ step: Number(event.step), value: Number(event.values["loss"]) });
    }
    return Promise.resolve();
  }

  finish(): Promise<Receipt> {
    return this.flush();
  }

  async verify(): Promise<Verdict> {
    const held = await this.#api.held(this.remote.id, this.#context);
    const differences = this.#expected
      .filter(({ step, value }) => held.get(step)?.join() !== `${value}`)
      .map(({ step }) => `Step ${step} is not there as it was sent.`);
    return { assurance: "counted", differences };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  async #send(count: number): Promise<void> {
    const rows = this.#waiting.slice(0, count).map(({ step, value }) => ({ step, value }));
    await this.#api.add(this.remote.id, rows, this.#context);
    this.#waiting.splice(0, count);
  }
}
