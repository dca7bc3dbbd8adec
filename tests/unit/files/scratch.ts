/** A directory of its own for each test, gone afterwards. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export class Scratch implements Disposable {
  /** Absolute and free of links. */
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), "runferry-files-")));

  /** The absolute path of a name in here. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file, making its directories. */
  write(name: string, content: string | Uint8Array = name): string {
    const path = this.at(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** Makes a FIFO. */
  fifo(name: string): string {
    const made = spawnSync("mkfifo", [this.at(name)]);
    if (made.status !== 0) throw new Error(`mkfifo: ${made.stderr}`);
    return this.at(name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A socket in the file system, until it is closed. */
export async function listen(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

/** Everything that a stream gives, as text. */
export async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}
