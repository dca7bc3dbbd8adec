import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { forbidden } from "./refusal.ts";

/** Paths below the API that need no login but a signature. */
export const signedPrefix = "/signed";

/** Signs addresses that can be used without logging in, for a while. */
export class Signer {
  readonly #secret: Buffer;

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /**
   * The signed form of a path below {@link signedPrefix}, which is encoded already.
   * @param expires in ms since epoch.
   */
  sign(method: "GET" | "PUT", path: string, expires: number): string {
    const until = Math.ceil(expires / 1000);
    return `${path}?expires=${until}&signature=${this.#signature(method, path, until)}`;
  }

  /**
   * Proves a request's target, byte for byte as it was received.
   * @throws {Refusal} when it was not signed for this method, was changed, or is too old.
   */
  prove(method: string, target: string, now: number): void {
    const [, path = "", until = "", signature = ""] =
      /^([^?]*)\?expires=(\d{1,15})&signature=([0-9a-f]+)$/.exec(target) ?? [];
    const wanted = Buffer.from(this.#signature(method, path, Number(until)));
    const given = Buffer.from(signature);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      throw forbidden("The address is not the one that was signed; use it byte for byte");
    }
    if (Number(until) * 1000 < now) throw forbidden("The address is no longer valid");
  }

  #signature(method: string, path: string, until: number): string {
    return createHmac("sha256", this.#secret).update(`url ${method} ${until} ${path}`)
      .digest("hex");
  }
}
