/**
 * Packages that hold Bun for other machines. npm installs none of them here, so they are fetched once,
 * as packed, into node_modules/.cache. Each use checks the packed bytes against package-lock.json:
 * Bun itself takes any file as a base, whatever became of it.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A package as package-lock.json pins it. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** `sha512-` and the hash of the packed package in base64. */
  readonly integrity: string;
}

/** The part of package-lock.json that is read. */
export interface Lockfile {
  readonly packages: {
    readonly [path: string]: { readonly version?: string; readonly integrity?: string };
  };
}

/** What the lockfile says of a package; throws if it pins no hash for it. */
export function pinnedPackage(lockfile: Lockfile, name: string): PinnedPackage {
  const { version, integrity } = lockfile.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity?.startsWith("sha512-") !== true) {
    throw new Error(`package-lock.json pins no sha512 of ${name}; run npm install`);
  }
  return { name, version, integrity };
}

/** Throws unless `packed` is the package that was pinned, to the last bit. */
export function checkIntegrity(
  packed: Uint8Array,
  { name, version, integrity }: PinnedPackage,
): void {
  const actual = `sha512-${createHash("sha512").update(packed).digest("base64")}`;
  if (actual !== integrity) {
    throw new Error(
      `${name} ${version} is not what package-lock.json pins: ${actual} instead of ${integrity}. ` +
        "Delete its file below node_modules/.cache/bases to have it fetched again.",
    );
  }
}

function text(header: Uint8Array, start: number, length: number): string {
  return new TextDecoder().decode(header.subarray(start, start + length)).replace(/\0.*$/s, "");
}

/** The executable in a packed package, which is a gzipped tar file; throws if there is none. */
export function executableOf(packed: Uint8Array): Uint8Array {
  const tar = gunzipSync(packed);
  for (let at = 0; at + 512 <= tar.length;) {
    const header = tar.subarray(at, at + 512);
    const size = Number.parseInt(text(header, 124, 12), 8) || 0;
    if (/^package\/bin\/bun(\.exe)?$/.test(text(header, 0, 100))) {
      return tar.subarray(at + 512, at + 512 + size);
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error("The package holds no bin/bun");
}

const cache = "node_modules/.cache/bases";

/** The executable of a package, verified; fetched from the registry the first time. */
export function baseExecutable(lockfile: Lockfile, name: string): Uint8Array {
  const pinned = pinnedPackage(lockfile, name);
  const file = join(cache, `oven-${basename(name)}-${pinned.version}.tgz`);
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    const words = ["pack", "--silent", `--pack-destination=${cache}`, `${name}@${pinned.version}`];
    const { status } = spawnSync("npm", words, { stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) {
      throw new Error(`Cannot fetch ${name} ${pinned.version} from the npm registry`);
    }
  }
  const packed = readFileSync(file);
  checkIntegrity(packed, pinned);
  return executableOf(packed);
}
