import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { start } from "../e2e/binary.ts";
import { HostApi } from "../interop/host_api.ts";

const user = "local";
const key = "soak0soak0soak0soak00";

/** `runferry serve`, which may die and come back at the same address. */
export class MortalHost implements AsyncDisposable {
  readonly #store: string;
  readonly #through: readonly string[];
  #child: ChildProcess | undefined;
  /** Where it listens. */
  url: string = "http://127.0.0.1:0";
  starts = 0;

  /** @param through what is started instead, with the program and its arguments behind it. */
  constructor(store: string, through: readonly string[] = []) {
    this.#store = store;
    this.#through = through;
  }

  readonly user: string = user;
  readonly key: string = key;

  /** Starts it, unless it runs, and waits until it listens. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    const words = ["serve", this.#store, "--port", new URL(this.url).port || "0"];
    const child = start([...words, "--user", user, "--key", key, "--json"], {
      through: this.#through,
    });
    child.stderr?.resume();
    this.#child = child;
    this.starts++;
    const { stdout } = child;
    if (stdout === null) throw new Error("serve has no stdout");
    const [text] = await Promise.race([
      once(stdout, "data"),
      once(child, "close").then(([code]) => {
        throw new Error(`serve ended with ${code}`);
      }),
    ]);
    this.url = JSON.parse(String(text)).url;
  }

  /** Ends it, cleanly or not, and waits until it is gone. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const closed = once(child, "close");
    child.kill("SIGCONT");
    child.kill(signal);
    await closed;
  }

  /** Halts it, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(signal);
  }

  /** Somebody who reads what it holds. */
  async api(): Promise<HostApi> {
    await this.start();
    this.signal("SIGCONT");
    return await HostApi.login(this.url, key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}
