import { createHash } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { systemCode } from "../errors.ts";

/** Who holds a lock. What a system does not tell is "". */
export interface LockHolder {
  /** Name of the machine, for people. */
  readonly host: string;
  readonly pid: number;
  /** ms since epoch. */
  readonly since: number;
  /** When the process started, in the system's own count, so that a reused number is recognised. */
  readonly started: string;
  /** Tell machines, their boots, and the containers on them apart: numbers only count in one. */
  readonly machine: string;
  readonly boot: string;
  readonly container: string;
}

/** This process as a holder; `now` in ms since epoch. */
export async function thisHolder(pid: number, now: number): Promise<LockHolder> {
  const [started, machine, boot, container] = await Promise.all([
    startOf(pid),
    readText("/etc/machine-id"),
    readText("/proc/sys/kernel/random/boot_id"),
    readTarget("/proc/self/ns/pid"),
  ]);
  return {
    host: hostname(),
    pid,
    since: now,
    started: started ?? "",
    machine: machine === "" ? "" : createHash("sha256").update(`runferry ${machine}`).digest("hex"),
    boot,
    container,
  };
}

/**
 * Whether the process that holds a lock is surely gone, as far as `own` can tell: it ran here, and
 * either its number is free, or another process has it, or the machine was started anew since.
 */
export async function isGone(holder: LockHolder, own: LockHolder): Promise<boolean> {
  const isKnown = [holder, own].every(({ machine, boot, started }) =>
    (machine !== "" || boot !== "") && started !== ""
  );
  if (!isKnown || holder.host !== own.host || holder.machine !== own.machine) return false;
  // A boot that could not be told then or now says nothing; the number of the process does.
  const isOtherBoot = holder.boot !== "" && own.boot !== "" && holder.boot !== own.boot;
  if (isOtherBoot) return own.machine !== "";
  if (holder.container === "" || holder.container !== own.container) return false;
  return await startOf(holder.pid) !== holder.started;
}

/** Reads what {@link thisHolder} made; undefined when it is something else. */
export function parseHolder(text: string): LockHolder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const texts = ["host", "started", "machine", "boot", "container"];
  const fits = texts.every((name) => typeof fields.get(name) === "string") &&
    ["pid", "since"].every((name) => Number.isSafeInteger(fields.get(name)));
  return fits ? value as LockHolder : undefined;
}

/** When a process started; undefined when there is none of this number, "" when nobody tells. */
async function startOf(pid: number): Promise<string | undefined> {
  let status: string;
  try {
    status = await readFile(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code === "ENOENT" || code === "ESRCH" ? undefined : "";
  }
  // The name of the program, in parentheses, may hold anything; 19 fields on is the start.
  return status.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return "";
  }
}

async function readTarget(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return "";
  }
}
