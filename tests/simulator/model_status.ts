import type { Node } from "./model_disk.ts";

/** What `stat` and `lstat` tell, and the entries of a directory. */
export class ModelStatus {
  readonly size: number | bigint;
  readonly dev: number | bigint;
  readonly ino: number | bigint;
  readonly mode: number | bigint;
  readonly mtimeMs: number | bigint;
  readonly mtimeNs: bigint;
  readonly #kind: Node["kind"];

  constructor(node: Node, big: boolean) {
    const number = (value: number): number | bigint => big ? BigInt(value) : value;
    this.size = number(node.kind === "file" ? node.content.length : 0);
    this.dev = number(1);
    this.ino = number(node.inode);
    this.mode = number(0o700);
    this.mtimeMs = number(node.modified);
    this.mtimeNs = BigInt(node.modified) * 1_000_000n;
    this.#kind = node.kind;
  }

  isFile(): boolean {
    return this.#kind === "file";
  }

  isDirectory(): boolean {
    return this.#kind === "directory";
  }

  isSymbolicLink(): boolean {
    return this.#kind === "link";
  }

  isFIFO(): boolean {
    return false;
  }

  isSocket(): boolean {
    return false;
  }

  isCharacterDevice(): boolean {
    return false;
  }

  isBlockDevice(): boolean {
    return false;
  }
}
