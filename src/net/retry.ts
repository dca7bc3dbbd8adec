import { TransientError } from "../errors.ts";
import type { NetContext } from "./client.ts";
import type { HttpResponse } from "./response.ts";

/** How patiently a request is tried again. */
export interface RetryPolicy {
  /** ms; the first wait is anything from 0 to this, each further one from 0 to twice as long. */
  readonly base: number;
  /** ms that a wait lasts at most, unless the server asks for more with `Retry-After`. */
  readonly cap: number;
  /** ms from the first failure until there is no further attempt. */
  readonly budget: number;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

const defaultPolicy: RetryPolicy = {
  base: 500,
  cap: 30_000,
  budget: 300_000,
  random: () => Math.random(),
};

/** What a failed attempt came to: an error, or an answer with a status that is a failure. */
export type Failure = unknown | Pick<HttpResponse, "status" | "headers">;

/** The waits between the attempts of one request; a new one for each request. */
export class Retry {
  readonly #context: NetContext;
  readonly #policy: RetryPolicy;
  #failures = 0;
  #deadline = Infinity;

  constructor(context: NetContext, policy: Partial<RetryPolicy> = {}) {
    this.#context = context;
    this.#policy = { ...defaultPolicy, ...policy };
  }

  /**
   * Waits for the moment of the next attempt. Resolves to false, without waiting, when there is to
   * be none: the failure is not a passing one, or the budget does not last until then.
   * @throws {CancelledError} when the user cancels.
   */
  async again(failure: Failure): Promise<boolean> {
    if (!isPassing(failure)) return false;
    const { base, cap, budget, random } = this.#policy;
    const now = this.#context.now();
    if (this.#failures === 0) this.#deadline = now + budget;
    const backoff = random() * Math.min(cap, base * 2 ** this.#failures);
    this.#failures++;
    const asked = isAnswer(failure) ? retryAfter(failure.headers, now) : undefined;
    const wait = Math.ceil(asked === undefined ? backoff : asked + random() * base);
    if (now + wait > this.#deadline) return false;
    await this.#context.wait(wait);
    return true;
  }
}

/** Statuses from 500 on that say that trying again is of no use. */
const final = [501, 505, 507, 508, 511];

function isPassing(failure: Failure): boolean {
  if (!isAnswer(failure)) return failure instanceof TransientError;
  const { status } = failure;
  if (status >= 500) return !final.includes(status);
  return status === 408 || status === 425 || status === 429;
}

function isAnswer(failure: Failure): failure is Pick<HttpResponse, "status" | "headers"> {
  return typeof failure === "object" && failure !== null && "status" in failure &&
    "headers" in failure;
}

/** ms that the header `Retry-After` asks to wait: seconds, or a date by the server's own clock. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  if (Number.isNaN(date)) return undefined;
  const serverNow = Date.parse(headers.get("date") ?? "");
  return Math.max(0, date - (Number.isNaN(serverNow) ? now : serverNow));
}
