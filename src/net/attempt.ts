import { CancelledError, ToolError } from "../errors.ts";
import { explainFailure, NetworkError, tryAgainHint } from "./network_error.ts";

/** One request on its way: it ends when the user cancels, and when the other side is silent. */
export class Attempt {
  /** How messages name the request: without the query, which may hold a signature. */
  readonly name: string;
  readonly #url: string;
  readonly #cancelled: AbortSignal;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence = 0;
  #isSilent = false;
  #ownFailure: ToolError | undefined;

  constructor(method: string, url: string, cancelled: AbortSignal) {
    const [address = ""] = url.split(/[?#]/, 1);
    this.name = `${method} ${address.replace(/\/\/[^/@]*@/, "//")}`;
    this.#url = url;
    this.#cancelled = cancelled;
  }

  /** Aborted when the request is to be given up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Waits for a step of the request, for at most `silence` ms since it began or `heard` was called.
   * @throws {CancelledError} when the user cancels.
   * @throws {NetworkError} for everything else that goes wrong between the two machines.
   */
  async during<Result>(silence: number, step: () => Promise<Result>): Promise<Result> {
    if (this.#cancelled.aborted) throw new CancelledError();
    const abort = (): void => this.#controller.abort();
    this.#cancelled.addEventListener("abort", abort);
    this.#silence = silence;
    this.heard();
    try {
      return await step();
    } catch (error) {
      throw this.#explain(error);
    } finally {
      clearTimeout(this.#timer);
      this.#cancelled.removeEventListener("abort", abort);
    }
  }

  /** Notes that something moves, so that the time of silence begins anew. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isSilent = true;
      this.#controller.abort();
    }, this.#silence);
  }

  /** Gives the request up because of something that went wrong on this side. */
  fail(error: ToolError): void {
    this.#ownFailure ??= error;
    this.#controller.abort();
  }

  #explain(error: unknown): ToolError {
    if (this.#cancelled.aborted) return new CancelledError();
    if (this.#ownFailure !== undefined) return this.#ownFailure;
    if (error instanceof ToolError) return error;
    if (this.#isSilent) {
      const seconds = Math.ceil(this.#silence) / 1000;
      const message = `${this.name} failed: nothing came for ${seconds} seconds`;
      return new NetworkError(message, true, tryAgainHint);
    }
    return explainFailure(error, this.name, this.#url);
  }
}
