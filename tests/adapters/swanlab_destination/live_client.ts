import { textAt } from "../../interop/json_path.ts";
import { parseLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { Passed } from "./recording_proxy.ts";
import { type Item, sentItems } from "./scene.ts";

/** Where a client logs to. */
export interface LivePlace {
  readonly user: string;
  readonly project: string;
}

/** What makes a run, as a client sends it. */
interface Card {
  readonly cuid: string;
  readonly name?: string;
}

/** A client that logs to a host while its program runs: somebody else than we. */
export class LiveClient {
  readonly #url: string;
  readonly #cookie: string;
  readonly #place: LivePlace;
  #projectId = "";
  #runId = "";

  private constructor(url: string, cookie: string, place: LivePlace) {
    this.#url = url;
    this.#cookie = cookie;
    this.#place = place;
  }

  static async logIn(url: string, key: string, place: LivePlace): Promise<LiveClient> {
    const headers = { authorization: key };
    const response = await fetch(`${url}/api/login/api_key`, { method: "POST", headers });
    const sid = textAt(parseLosslessJson(await response.text()), "sid");
    return new LiveClient(url, `sid=${sid}`, place);
  }

  /** Makes the project and a run, and says where it runs. */
  async begin(card: Card): Promise<void> {
    const { user, project } = this.#place;
    await this.send("POST", "/project", { name: project, username: user, visibility: "PRIVATE" });
    const found = await this.send("GET", `/project/${user}/${project}`);
    this.#projectId = textAt(parseLosslessJson(found), "cuid");
    await this.send("POST", `/project/${user}/${project}/experiment`, card);
    this.#runId = card.cuid;
    await this.describe({ metadata: { hostname: "theirs" } });
  }

  /** Stores points or lines. */
  async store(type: string, metrics: readonly Item[]): Promise<void> {
    const head = { projectId: this.#projectId, experimentId: this.#runId, type };
    if (metrics.length > 0) await this.send("POST", "/house/metrics", { ...head, metrics });
  }

  /** Logs what somebody else logged into another host, as far as `isKept`. */
  async replay(passed: readonly Passed[], isKept: (item: Item) => boolean): Promise<void> {
    const made = passed.find(({ path }) => path.endsWith("/experiment"));
    await this.begin(JSON.parse(made?.body.toString() ?? "{}") as Card);
    const { user, project } = this.#place;
    for (const { path, body } of passed) {
      const declares = path.endsWith("/series") || path.endsWith("/columns");
      if (!declares) continue;
      const own = path.endsWith("/series")
        ? `/projects/${user}/${project}/series`
        : `/experiment/${this.#runId}/columns`;
      await this.send("POST", own, JSON.parse(body.toString()));
    }
    for (const type of ["scalar", "media", "log"]) {
      await this.store(type, sentItems(passed, type).filter(isKept));
    }
  }

  /** Stores a profile. */
  async describe(profile: { readonly [name: string]: unknown }): Promise<void> {
    await this.send("PUT", `${this.#runPath}/profile`, profile);
  }

  /** Tells the state of the run. */
  async end(state: string): Promise<void> {
    await this.send("PUT", `${this.#runPath}/state`, { state });
  }

  /** Deletes the run. */
  async remove(): Promise<void> {
    await this.send("DELETE", this.#runPath);
  }

  /** Sends any request below /api and returns the body of the answer. */
  async send(method: string, path: string, body?: unknown): Promise<string> {
    const response = await fetch(`${this.#url}/api${path}`, {
      method,
      headers: { cookie: this.#cookie, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok || response.status === 409) return text;
    throw new Error(`${method} ${path} answered ${response.status} ${text}`);
  }

  get #runPath(): string {
    return `/project/${this.#place.user}/${this.#place.project}/runs/${this.#runId}`;
  }
}
