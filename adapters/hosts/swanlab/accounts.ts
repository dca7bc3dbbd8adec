import { Buffer } from "node:buffer";
import { createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { syncFolder } from "../../../src/files/durable_folder.ts";
import { ConfigError, systemCode } from "../../../src/errors.ts";
import { randomKey } from "./random_id.ts";

/** Somebody who may log in. The name is also that of the workspace. */
export interface Account {
  readonly name: string;
}

/** An account that there should be. */
export interface WantedAccount {
  readonly name: string;
  /** The key to log in with; without one an account keeps the key it has, or gets a new one. */
  readonly key?: string;
}

/** An account and, if it was given a key just now, that key: it is stored nowhere. */
export interface IssuedAccount {
  readonly name: string;
  readonly key?: string;
}

/** A login session. */
export interface Session {
  readonly id: string;
  /** ms since epoch. */
  readonly expires: number;
}

interface StoredAccount extends Account {
  /** scrypt of the key with the file's salt, as hex. */
  readonly hash: string;
}

interface AccountsFile {
  /** Both as hex. */
  readonly salt: string;
  readonly secret: string;
  readonly accounts: readonly StoredAccount[];
}

/** Clients log in again when less than a week is left (swanlab-api §2.2). */
const sessionMs = 30 * 24 * 60 * 60 * 1000;
/** What the official clients take as a workspace. */
const namePattern = /^[0-9A-Za-z_-]{1,25}$/;
const hashKey = promisify(scrypt) as (key: string, salt: Buffer, bytes: number) => Promise<Buffer>;

/** Who may log in: a file that only its owner can read, with hashed keys. */
export class Accounts {
  readonly #path: string;
  #file: AccountsFile;

  private constructor(path: string, file: AccountsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Reads the accounts file at a path; without one there are no accounts yet. */
  static async open(path: string): Promise<Accounts> {
    const file = await read(path) ?? {
      salt: randomBytes(16).toString("hex"),
      secret: randomBytes(32).toString("hex"),
      accounts: [],
    };
    const accounts = new Accounts(path, file);
    await accounts.#save();
    return accounts;
  }

  get names(): readonly string[] {
    return this.#file.accounts.map(({ name }) => name);
  }

  /** Signs URLs and sessions; the same after a restart. */
  get secret(): Buffer {
    return Buffer.from(this.#file.secret, "hex");
  }

  /**
   * Sees to it that there is an account.
   * @throws {ConfigError} when it cannot have that name or key.
   */
  async put({ name, key }: WantedAccount): Promise<IssuedAccount> {
    if (key === undefined && this.byName(name) !== undefined) return { name };
    const issued = key ?? randomKey();
    await this.#give(name, issued);
    return { name, key: issued };
  }

  async #give(name: string, key: string): Promise<void> {
    if (!namePattern.test(name)) {
      throw new ConfigError(`No account can be called ${JSON.stringify(name)}`, {
        hint: "Use 1 to 25 letters, digits, _ and -.",
      });
    }
    if (key.length < 8 || /\s/.test(key)) {
      throw new ConfigError(`The key of ${name} is too short or has blanks in it`, {
        hint: "Use 21 letters and digits; every official client takes such a key.",
      });
    }
    const hash = await this.#hash(key);
    const others = this.#file.accounts.filter((one) => one.name !== name);
    if (others.some((one) => one.hash === hash)) {
      throw new ConfigError(`Another account has the same key as ${name}`, {
        hint: "Give each account a key of its own.",
      });
    }
    if (this.#file.accounts.some((one) => one.name === name && one.hash === hash)) return;
    this.#file = { ...this.#file, accounts: [...others, { name, hash }] };
    await this.#save();
  }

  /** Whose key this is; undefined when it is nobody's. */
  async byKey(key: string): Promise<Account | undefined> {
    const hash = Buffer.from(await this.#hash(key), "hex");
    return this.#file.accounts.find((one) => timingSafeEqual(Buffer.from(one.hash, "hex"), hash));
  }

  byName(name: string): Account | undefined {
    return this.#file.accounts.find((one) => one.name === name);
  }

  /** Begins a session, which outlives restarts: its id says all and is signed. */
  login({ name }: Account, now: number): Session {
    const expires = now + sessionMs;
    const body = Buffer.from(JSON.stringify([name, expires, randomBytes(9).toString("hex")]))
      .toString("base64url");
    return { id: `${body}.${this.#sign(name, body)}`, expires };
  }

  /** Whose session this is; undefined when it is none, or over, or its account has a new key. */
  session(id: string, now: number): Account | undefined {
    const [body = "", signature = ""] = id.split(".");
    const text = Buffer.from(body, "base64url").toString();
    const [name, expires] = parsed(text);
    const account = this.byName(name);
    if (account === undefined || expires < now) return undefined;
    const wanted = Buffer.from(this.#sign(name, body));
    const given = Buffer.from(signature);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    return account;
  }

  #sign(name: string, body: string): string {
    const hash = this.#file.accounts.find((one) => one.name === name)?.hash ?? "";
    return createHmac("sha256", this.secret).update(`session ${hash} ${body}`).digest("base64url");
  }

  async #hash(key: string): Promise<string> {
    return (await hashKey(key, Buffer.from(this.#file.salt, "hex"), 32)).toString("hex");
  }

  async #save(): Promise<void> {
    const part = `${this.#path}.part`;
    const handle = await open(part, "w", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(this.#file, undefined, 1)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, this.#path);
    await syncFolder(dirname(this.#path));
  }
}

async function read(path: string): Promise<AccountsFile | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as AccountsFile;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw new ConfigError(`Cannot read the accounts in ${path}`, {
      hint: "Restore that file, or move it away and add the accounts again.",
      cause: error,
    });
  }
}

function parsed(text: string): readonly [name: string, expires: number] {
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return ["", 0];
    const [name, expires]: readonly unknown[] = value;
    return [typeof name === "string" ? name : "", typeof expires === "number" ? expires : 0];
  } catch {
    return ["", 0];
  }
}
