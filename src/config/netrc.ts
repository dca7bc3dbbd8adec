/** One login in a file of the netrc grammar, and where it stands. */
export interface NetrcEntry {
  /** Undefined for the entry `default`. */
  readonly machine: string | undefined;
  readonly login: string;
  readonly password: string;
  /** Offset of its first character, and of the one behind its last. */
  readonly start: number;
  readonly end: number;
}

/** The text does not follow the grammar. */
export class MalformedNetrc extends Error {
  override name = "MalformedNetrc";
  /** Counted from 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** One word, and where it stands. */
interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const fields = ["login", "user", "account", "password"];

/**
 * Reads what Python's netrc module reads: words between white space, quoted or with backslashes,
 * comments, and macros, which are passed over.
 * @throws {MalformedNetrc} when Python would refuse it too. The message quotes nothing of it.
 */
export function parseNetrc(text: string): readonly NetrcEntry[] {
  const reader = new WordReader(text);
  const entries: NetrcEntry[] = [];
  for (let word = reader.next(); word !== undefined; word = reader.next()) {
    if (word.text.startsWith("#")) reader.skipLine(word);
    else if (word.text === "macdef") reader.skipMacro();
    else if (word.text === "machine") entries.push(readEntry(reader, word, reader.value()));
    else if (word.text === "default") entries.push(readEntry(reader, word, undefined));
    else throw reader.malformed(word);
  }
  return entries;
}

function readEntry(reader: WordReader, first: Word, machine: string | undefined): NetrcEntry {
  const found: { [field: string]: string } = {};
  let end = reader.position;
  for (let word = reader.peek(); word !== undefined; word = reader.peek()) {
    if (word.text.startsWith("#")) {
      reader.next();
      reader.skipLine(word);
    } else if (fields.includes(word.text)) {
      reader.next();
      found[word.text] = reader.value();
      end = reader.position;
    } else break;
  }
  return {
    machine,
    login: found["login"] ?? found["user"] ?? "",
    password: found["password"] ?? "",
    start: first.start,
    end,
  };
}

class WordReader {
  readonly #text: string;
  position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next word, without going past it. */
  peek(): Word | undefined {
    const before = this.position;
    const word = this.next();
    this.position = before;
    return word;
  }

  next(): Word | undefined {
    while (isSpace(this.#text[this.position])) this.position++;
    const start = this.position;
    if (start >= this.#text.length) return undefined;
    const isQuoted = this.#text[start] === '"';
    if (isQuoted) this.position++;
    let word = "";
    while (this.position < this.#text.length) {
      const character = this.#text[this.position++] ?? "";
      if (isQuoted ? character === '"' : isSpace(character)) {
        if (!isQuoted) this.position--;
        break;
      }
      word += character === "\\" ? this.#text[this.position++] ?? "" : character;
    }
    return { text: word, start, end: this.position };
  }

  /** The word that has to follow. */
  value(): string {
    const word = this.next();
    if (word === undefined) throw this.malformed({ text: "", start: this.position, end: 0 });
    return word.text;
  }

  /** Goes to the line behind the one that a word stands in. */
  skipLine({ start }: Word): void {
    const end = this.#text.indexOf("\n", start);
    this.position = end < 0 ? this.#text.length : end;
  }

  /** A macro ends with an empty line. */
  skipMacro(): void {
    const end = this.#text.indexOf("\n\n", this.position);
    this.position = end < 0 ? this.#text.length : end;
  }

  malformed({ start }: Word): MalformedNetrc {
    const line = this.#text.slice(0, start).split("\n").length;
    return new MalformedNetrc(`line ${line} is not a login`, line);
  }
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\n" || character === "\r";
}

/**
 * The text of a file without some of its entries and with another one in front, laid out as the
 * official client does. Everything else stays as it is.
 */
export function editNetrc(
  text: string,
  without: readonly NetrcEntry[],
  entry?: { readonly machine: string; readonly login: string; readonly password: string },
): string {
  let rest = "";
  let offset = 0;
  for (const { start, end } of without) {
    rest += text.slice(offset, start);
    offset = end;
    while (isSpace(text[offset])) offset++;
  }
  rest += text.slice(offset);
  if (entry === undefined) return rest;
  const { machine, login, password } = entry;
  return `machine ${machine}\n\tlogin ${login}\n\tpassword ${password}\n${rest}`;
}
