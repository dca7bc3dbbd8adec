import assert from "node:assert/strict";
import { type HostOptions, openHost } from "../../../adapters/hosts/swanlab/host.ts";
import { inScratch } from "../../contract/scratch.ts";

/** The clock of every host here stands still. */
export const now: number = Date.UTC(2026, 10, 25, 12);
/** Keys of the two accounts, such as the older official client takes. */
export const keys = { ada: "adaadaadaadaadaadaada", bob: "bobbobbobbobbobbobbob" } as const;

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null when it is empty or none. */
  readonly json: Json;
}

/** JSON as tests look into it. */
export type Json = ReturnType<typeof JSON.parse>;

/** Somebody who talks to a host. */
export class Client {
  readonly url: string;
  #session = "";

  constructor(url: string) {
    this.url = url;
  }

  /** Logs in with a key. */
  static async login(url: string, key: string = keys.ada): Promise<Client> {
    const client = new Client(url);
    const { json } = await client.ask("POST", "/login/api_key", undefined, { authorization: key });
    client.#session = json.sid;
    return client;
  }

  /** Sends a request below the API, with what is no text or bytes as JSON. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: { readonly [name: string]: string } = {},
  ): Promise<Answer> {
    return await this.send(method, `${this.url}/api${path}`, body, {
      ...(this.#session === "" ? {} : { cookie: `sid=${this.#session}` }),
      ...headers,
    });
  }

  /** Sends a request to a whole address, without the session unless it is given. */
  async send(
    method: string,
    url: string,
    body?: unknown,
    headers: { readonly [name: string]: string } = {},
  ): Promise<Answer> {
    const raw = typeof body === "string" || body instanceof Uint8Array ? body : undefined;
    const content = raw ?? (body === undefined ? null : JSON.stringify(body));
    const response = await fetch(url, { method, headers: { ...headers }, body: content as string });
    const text = await response.text();
    return {
      status: response.status,
      reason: response.statusText,
      headers: response.headers,
      text,
      json: /^[[{]/.test(text) ? JSON.parse(text) as Json : null,
    };
  }

  /** Sends a request that must succeed; returns its JSON. */
  async get(path: string): Promise<Json> {
    const answer = await this.ask("GET", path);
    assert.equal(answer.status, 200, `GET ${path}: ${answer.text}`);
    return answer.json;
  }

  /** Sends a request that must succeed; returns its JSON. */
  async post(path: string, body: unknown): Promise<Json> {
    const answer = await this.ask("POST", path, body);
    assert.ok(answer.status < 300, `POST ${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  /** Makes a run and its project, and returns the run. */
  async begin(fields: object = {}, project = "project", user = "ada"): Promise<TestRun> {
    const known = await this.ask("POST", "/project", { name: project, username: user });
    assert.ok([201, 409].includes(known.status), known.text);
    const { cuid } = await this.post(`/project/${user}/${project}/experiment`, {
      name: "a run",
      ...fields,
    });
    return new TestRun(this, `/project/${user}/${project}/runs/${cuid}`, known.json.cuid, cuid);
  }
}

/** A run at a host. */
export class TestRun {
  readonly client: Client;
  /** Below the API. */
  readonly path: string;
  readonly project: string;
  readonly id: string;

  constructor(client: Client, path: string, project: string, id: string) {
    this.client = client;
    this.path = path;
    this.project = project;
    this.id = id;
  }

  /** Sends points or lines. */
  async send(type: string, metrics: readonly object[]): Promise<Answer> {
    const body = { projectId: this.project, experimentId: this.id, type, metrics };
    return await this.client.ask("POST", "/house/metrics", body);
  }

  /** Sends scalars of one key from step 0 on. */
  async scalars(key: string, values: readonly unknown[], first = 0): Promise<void> {
    const { status, text } = await this.send(
      "scalar",
      values.map((data, at) => ({ key, index: first + at, data, create_time: timeOf(first + at) })),
    );
    assert.equal(status, 200, text);
  }

  /** The whole history of some keys, as CSV. */
  async csv(...columns: readonly string[]): Promise<string> {
    const { cosKey } = await this.client.post("/house/metrics/scalar/export", {
      projectId: this.project,
      columns: columns.map((key) => ({ experimentId: this.id, experimentName: "x", key })),
    });
    const { urls } = await this.client.post("/files/presigned/get", { paths: [cosKey] });
    const { status, text } = await this.client.send("GET", urls[0]);
    assert.equal(status, 200, text);
    return text;
  }

  /** Stores an object and returns the answer. */
  async put(path: string, content: string | Uint8Array): Promise<Answer> {
    const { urls } = await this.client.post("/resources/presigned/put", {
      experimentId: this.id,
      paths: [path],
    });
    return await this.client.send("PUT", urls[0], content);
  }

  /** Gets an object. */
  async object(path: string, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
    const { urls } = await this.client.post("/resources/presigned/get", {
      prefix: `${this.project}/${this.id}`,
      paths: [path],
    });
    return await this.client.send("GET", urls[0], undefined, headers);
  }
}

/** When the point of a step was logged: a second a step, with microseconds. */
export function timeOf(step: number): string {
  return `${new Date(Date.UTC(2026, 0, 1) + 1000 * step).toISOString().slice(0, 19)}.250125Z`;
}

/** Options of a host in a folder that ada and bob may use. */
export function hostOptions(folder: string, given: Partial<HostOptions> = {}): HostOptions {
  return {
    folder,
    port: 0,
    address: "127.0.0.1",
    projectVersion: 1,
    accounts: Object.entries(keys).map(([name, key]) => ({ name, key })),
    now: () => now,
    report: (error) => {
      throw error;
    },
    ...given,
  };
}

/** Runs a host in a folder while `use` talks to it as ada. */
export async function withHostIn<Result>(
  folder: string,
  use: (client: Client) => Promise<Result>,
  given: Partial<HostOptions> = {},
): Promise<Result> {
  await using host = await openHost(hostOptions(folder, given));
  return await use(await Client.login(host.url));
}

/** Runs an empty host while `use` talks to it as ada. */
export async function withHost<Result>(
  use: (client: Client) => Promise<Result>,
  given: Partial<HostOptions> = {},
): Promise<Result> {
  return await inScratch((folder) => withHostIn(folder, use, given));
}
