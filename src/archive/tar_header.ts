import { Buffer } from "node:buffer";

/** Tar counts in blocks of so many bytes. */
export const blockBytes = 512;
/** What a tar ends with: two blocks of zeros. */
export const endBytes: number = 2 * blockBytes;

/** What a tar header says of an entry. */
export interface HeaderFields {
  /** With `/` between its parts, and none at the end. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link";
  /** Size of the content; 0 for anything but a file. */
  readonly bytes: number;
  readonly mode: number;
  /** ms since epoch; tar keeps whole seconds from 1970 on. */
  readonly modified: number;
  /** Where a link points. */
  readonly target?: string;
  /** Free text for a pax header of its own. */
  readonly comment?: string;
}

const typeFlags = { file: "0", link: "2", directory: "5" } as const;

/** Bytes from the beginning of the content to the next header. */
export function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

/**
 * The header blocks of an entry: POSIX ustar, behind a pax header where ustar has no room for the
 * name, the target or a comment. The same fields always give the same bytes, and how many does
 * not depend on the size of the content; 8 GiB and more are written in base 256, as GNU tar does.
 */
export function encodeHeader(fields: HeaderFields): Buffer {
  const { path, kind, target = "", comment } = fields;
  const name = kind === "directory" ? `${path}/` : path;
  let records = "";
  if (comment !== undefined) records += record("comment", comment);
  if (!fits(name)) records += record("path", name);
  if (!fits(target)) records += record("linkpath", target);
  const header = block(fields, name, target, typeFlags[kind]);
  if (records === "") return header;
  const pax = Buffer.from(records);
  const paxFields = { ...fields, bytes: pax.length, mode: 0o644 };
  return Buffer.concat([
    block(paxFields, "PaxHeader", "", "x"),
    pax,
    Buffer.alloc(paddedBytes(pax.length) - pax.length),
    header,
  ]);
}

/** Whether ustar has room for a name as it is. */
function fits(name: string): boolean {
  return name.length <= 100 && Buffer.byteLength(name) === name.length;
}

/** One pax record; its length in bytes includes the digits of the length itself. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length++;
  return `${length} ${key}=${value}\n`;
}

function block(
  { bytes, mode, modified }: HeaderFields,
  name: string,
  target: string,
  typeFlag: string,
): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write(shortened(name), 0, "latin1");
  writeOctal(header, mode & 0o7777, 100, 8);
  writeOctal(header, 0, 108, 8);
  writeOctal(header, 0, 116, 8);
  writeSize(header, bytes);
  const seconds = Math.floor(modified / 1000);
  writeOctal(header, Math.min(Math.max(seconds, 0), 8 ** 11 - 1), 136, 12);
  header.write(typeFlag, 156, "latin1");
  header.write(shortened(target), 157, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  header.fill(" ", 148, 156);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** What readers without pax see of a name that ustar has no room for. */
function shortened(name: string): string {
  return fits(name) ? name : name.replace(/[^\x20-\x7e]/g, "_").slice(0, 100);
}

function writeOctal(
  header: Buffer,
  value: number,
  at: number,
  width: number,
): void {
  header.write(value.toString(8).padStart(width - 1, "0"), at, "latin1");
}

function writeSize(header: Buffer, bytes: number): void {
  if (bytes < 8 ** 11) {
    writeOctal(header, bytes, 124, 12);
    return;
  }
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(bytes), 128);
}
