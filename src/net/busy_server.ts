import { TransientError } from "../errors.ts";
import type { HttpResponse } from "./response.ts";

/** A server that answered, but only that it cannot do it now. */
export class BusyServer extends TransientError {
  readonly status: number;
  /** The head of the answer, which may say in `Retry-After` when to come back. */
  readonly headers: Headers;

  constructor(message: string, { status, headers }: Pick<HttpResponse, "status" | "headers">) {
    super(message, { hint: "The host is busy or broken; run the same command again later." });
    this.status = status;
    this.headers = headers;
  }
}
