import type { ChildProcess } from "node:child_process";
import { start } from "../e2e/binary.ts";
import type { Login } from "./official_client.ts";

/** `runferry serve`, running. */
export interface HostProcess extends AsyncDisposable {
  readonly login: Login;
  readonly pid: number;
}

/** A key that every client takes: the old line wants 21 letters and digits. */
const key = "interop0interop0inter";
const user = "interop";

/** Starts `runferry serve` on a free port and waits until it listens. */
export async function startHost(
  store: string,
  projectVersion: 0 | 1,
): Promise<HostProcess> {
  const child = start(
    ["serve", store, "--port", "0", "--user", user, "--key", key]
      .concat(["--project-version", String(projectVersion)]),
  );
  const url = await listening(child);
  return {
    login: { url, key, user },
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/** The address that a starting host prints. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    const hear = (chunk: Uint8Array): void => {
      printed += new TextDecoder().decode(chunk);
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`serve ended with ${code}: ${printed}`)));
  });
}
