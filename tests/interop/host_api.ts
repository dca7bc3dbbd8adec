import { Buffer } from "node:buffer";
import { type LosslessValue, parseLosslessJson } from "../../src/codec/lossless_json.ts";
import { textAt } from "./json_path.ts";

/** Something that was asked of the host and not found there. */
export class NotThere extends Error {
  override name = "NotThere";
}

/** A logged-in reader of a host's own API. */
export class HostApi {
  readonly #url: string;
  readonly #cookie: string;

  private constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  static async login(url: string, key: string): Promise<HostApi> {
    const headers = { authorization: key };
    const response = await fetch(`${url}/api/login/api_key`, { method: "POST", headers });
    const sid = textAt(parseLosslessJson(await response.text()), "sid");
    if (sid === "") throw new Error(`login at ${url} answered ${response.status}`);
    return new HostApi(url, `sid=${sid}`);
  }

  /**
   * The JSON answer to a GET of a path below /api, or to a POST where there is a body.
   * @throws {NotThere} at 404.
   */
  async ask(path: string, body?: unknown): Promise<LosslessValue> {
    const response = await fetch(`${this.#url}/api${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { cookie: this.#cookie, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 404) throw new NotThere(`${path} answered 404 ${text}`);
    if (!response.ok) throw new Error(`${path} answered ${response.status} ${text.slice(0, 300)}`);
    return parseLosslessJson(text);
  }

  /**
   * What lies at a presigned address.
   * @throws {NotThere} at 404.
   */
  async object(url: string): Promise<Uint8Array> {
    const response = await fetch(new URL(url, this.#url));
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.status === 404) throw new NotThere(`no object at ${url}`);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return bytes;
  }
}
