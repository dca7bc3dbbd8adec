import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const lookEveryMilliseconds = 5;

/** What a process took. */
export interface Measured {
  /** From start to end of the process. */
  readonly seconds: number;
  /**
   * Seconds of all its threads, and of children that ended, on all processors; 0 where the system
   * does not tell.
   */
  readonly cpu: number;
  /** Most memory it had at once, in bytes; 0 where the system does not tell. */
  readonly peak: number;
  readonly output: string;
}

const ticksPerSecond = 100;

function read(pid: number | undefined, name: string): string {
  const path = `/proc/${pid}/${name}`;
  return existsSync(path) ? readFileSync(path, "latin1") : "";
}

/** Most memory that a process had at once, in bytes; 0 where the system does not tell. */
export function peakOf(pid: number | undefined): number {
  return Number(/VmHWM:\s*(\d+)/.exec(read(pid, "status"))?.[1] ?? 0) * 1024;
}

/** Memory that a process has, in bytes; 0 where the system does not tell. */
export function residentOf(pid: number | undefined): number {
  return Number(/VmRSS:\s*(\d+)/.exec(read(pid, "status"))?.[1] ?? 0) * 1024;
}

/**
 * Seconds of all processors that a process and its children that ended took; 0 where the system
 * does not tell.
 */
export function cpuOf(pid: number | undefined): number {
  const ticks = read(pid, "stat").split(" ").slice(13, 17).map(Number);
  return ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond;
}

/**
 * Runs a program to its end. `discard` throws its output away; otherwise it is returned.
 * @throws {Error} when it ends with anything but 0.
 */
export function measure(command: readonly string[], discard = false): Promise<Measured> {
  const [program = "", ...options] = command;
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, options, {
      stdio: ["ignore", discard ? "ignore" : "pipe", "inherit"],
    });
    let output = "";
    let peak = 0;
    let cpu = 0;
    child.stdout?.on("data", (chunk: Uint8Array) => output += new TextDecoder().decode(chunk));
    // The kernel keeps the highest mark, so that only its last few milliseconds can be missed.
    const look = setInterval(() => {
      try {
        peak = Math.max(peak, peakOf(child.pid));
        cpu = Math.max(cpu, cpuOf(child.pid));
      } catch {
        clearInterval(look);
      }
    }, lookEveryMilliseconds);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(look);
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve({ seconds, cpu, peak, output });
      else reject(new Error(`${command.join(" ")} ended with ${code}`));
    });
  });
}

/** The fastest of several runs, with the highest peak. */
export async function best(times: number, run: () => Promise<Measured>): Promise<Measured> {
  let fastest = await run();
  for (let time = 1; time < times; time++) {
    const next = await run();
    const peak = Math.max(fastest.peak, next.peak);
    fastest = { ...(next.seconds < fastest.seconds ? next : fastest), peak };
  }
  return fastest;
}
