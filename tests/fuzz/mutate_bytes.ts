import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import type { Dice } from "../generate/dice.ts";

/** A change of a file's bytes; `other` is the content of another real file. */
type ByteMutation = (bytes: Buffer, dice: Dice, other: Buffer) => Buffer;

interface Range {
  readonly start: number;
  readonly end: number;
}

function range(bytes: Buffer, dice: Dice, most: number): Range {
  const start = dice.below(bytes.length + 1);
  return { start, end: Math.min(bytes.length, start + 1 + dice.below(most)) };
}

function replaced(bytes: Buffer, { start, end }: Range, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]);
}

function randomBytes(length: number, dice: Dice): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.below(256)));
}

/** Lengths that no file has. */
const lengths: readonly Uint8Array[] = [
  [0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  [0x00, 0x00, 0x00, 0x80],
].map((bytes) => Uint8Array.from(bytes));

/** Texts that break parsers. */
function hostileText(dice: Dice): Buffer {
  const text = dice.pick([
    "[".repeat(50_000),
    '{"a":'.repeat(20_000),
    "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c]\n",
    '{"__proto__": {"polluted": 1}, "constructor": null, "": 0}',
    "9".repeat(5_000),
    "1e999999999",
    "- ".repeat(20_000),
    "? ".repeat(1_000),
    "\ufeff\u0000\u2028",
    "NaN",
    "null",
    "{}",
    '"',
    "\\ud800\\udfff\\ud800",
    "%s%n{}${}",
    "x\n".repeat(50_000),
  ]);
  return Buffer.from(text);
}

const changes: { readonly [name: string]: ByteMutation } = {
  truncate: (bytes, dice) => bytes.subarray(0, dice.below(bytes.length + 1)),
  flip(bytes, dice): Buffer {
    const changed = Buffer.from(bytes);
    for (let count = 1 + dice.below(8); count > 0 && changed.length > 0; count--) {
      const at = dice.below(changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 << dice.below(8));
    }
    return changed;
  },
  zero(bytes, dice): Buffer {
    const { start, end } = range(bytes, dice, 8192);
    return Buffer.from(bytes).fill(0, start, end);
  },
  randomise(bytes, dice): Buffer {
    const { start, end } = range(bytes, dice, 64);
    return replaced(bytes, { start, end }, randomBytes(end - start, dice));
  },
  insert(bytes, dice): Buffer {
    const at = dice.below(bytes.length + 1);
    return replaced(bytes, { start: at, end: at }, randomBytes(1 + dice.below(40), dice));
  },
  remove: (bytes, dice) => replaced(bytes, range(bytes, dice, 4096), new Uint8Array(0)),
  splice(bytes, dice, other): Buffer {
    const { start, end } = range(other, dice, 32768);
    const at = dice.below(bytes.length + 1);
    const over = dice.below(2) * (end - start);
    return replaced(bytes, { start: at, end: at + over }, other.subarray(start, end));
  },
  duplicate(bytes, dice): Buffer {
    const { start, end } = range(bytes, dice, 32768);
    return replaced(bytes, { start, end: start }, bytes.subarray(start, end));
  },
  swap(bytes, dice): Buffer {
    const first = range(bytes, dice, 4096);
    const { start, end } = range(bytes, dice, 4096);
    const piece = Buffer.from(bytes.subarray(start, end));
    return replaced(replaced(bytes, { start, end }, new Uint8Array(0)), first, piece);
  },
  lengthen(bytes, dice): Buffer {
    const length = dice.pick(lengths);
    const at = dice.below(bytes.length + 1);
    return replaced(bytes, { start: at, end: at + length.length }, length);
  },
  hostile(bytes, dice): Buffer {
    const at = dice.below(2) * dice.below(bytes.length + 1);
    const end = dice.below(3) === 0 ? at : bytes.length;
    return replaced(bytes, { start: at, end }, hostileText(dice));
  },
};

/** Paths that lead out of a run directory; the last one is a real file beside it. */
const hostilePaths = ["../../../../etc/hostname", "/dev/zero", "../secret", "../../secret"]
  .concat(["/proc/self/environ", "files/../../secret", "C:\\secret", "a\0b", "./././secret"]);

/** Writes a hostile path over something that looks like one, without changing the length. */
function misdirect(bytes: Buffer, dice: Dice): Buffer {
  const text = bytes.toString("latin1");
  const paths = [...text.matchAll(/[\w./-]+\.(?:png|json|yaml|txt|wav|html|gif|obj|bin|py)/g)];
  if (paths.length === 0) return bytes;
  const { index, 0: old } = dice.pick(paths);
  const path = dice.pick(hostilePaths);
  const slashes = "/".repeat(Math.max(0, old.length - path.length));
  const cut = path.replace("/", `/${slashes}`).slice(0, old.length).padEnd(old.length, "/");
  return Buffer.concat([
    bytes.subarray(0, index),
    Buffer.from(cut, "latin1"),
    bytes.subarray(index + old.length),
  ]);
}

const blockBytes = 32 * 1024;
const seeds = [0, 1, 2, 3, 4].map((kind) => crc32(Uint8Array.of(kind)));

/** Makes the checksums of a log right again, so that what was changed is decoded. */
function rechecksummed(log: Buffer): Buffer {
  const bytes = Buffer.from(log);
  for (let at = 7; at + 7 <= bytes.length;) {
    const left = blockBytes - at % blockBytes;
    if (left < 7) {
      at += left;
      continue;
    }
    const end = at + 7 + bytes.readUInt16LE(at + 4);
    const seed = seeds[bytes[at + 6] ?? 0];
    if (seed === undefined || end > bytes.length) break;
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 7, end), seed), at);
    at = end;
  }
  return bytes;
}

const logChanges: { readonly [name: string]: ByteMutation } = {
  ...changes,
  misdirect,
  ...Object.fromEntries(
    Object.entries<ByteMutation>({ ...changes, misdirect }).map(([name, change]) => [
      `${name} and rechecksum`,
      (bytes: Buffer, dice: Dice, other: Buffer): Buffer =>
        rechecksummed(change(bytes, dice, other)),
    ]),
  ),
};

/** Whether a file is a log in the LevelDB layout. */
function isLog(bytes: Buffer): boolean {
  return /^:(W&B|SWL)/.test(bytes.toString("latin1", 0, 4));
}

/** A changed file and what was done. */
export interface Mutated {
  readonly bytes: Buffer;
  readonly what: string;
}

/** Changes the bytes of a file in one way. */
export function mutateBytes(bytes: Buffer, dice: Dice, other: Buffer): Mutated {
  const all = isLog(bytes) ? logChanges : { ...changes, misdirect };
  const what = dice.pick(Object.keys(all));
  return { bytes: all[what]?.(bytes, dice, other) ?? bytes, what };
}
