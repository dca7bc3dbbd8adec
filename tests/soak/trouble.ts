import { Buffer } from "node:buffer";
import { Dice } from "../generate/dice.ts";
import { type Fault, type FaultProxy, faults, openFaultProxy } from "../faults/fault_proxy.ts";
import { Ledger } from "../faults/ledger.ts";

/** A proxy that breaks some requests as long as it is told to. */
export interface Trouble extends AsyncDisposable {
  readonly url: string;
  readonly proxy: FaultProxy;
  /** Share of requests that are broken: 0 to 1. */
  share: number;
  readonly broken: ReadonlyMap<Fault, number>;
  readonly ledger: Ledger;
}

/** Faults that make a client give up at once; seldom, or nothing else would happen. */
const final: ReadonlySet<Fault> = new Set(["401", "403", "hang", "redirect"]);

/** Opens such a proxy in front of a host. */
export async function openTrouble(target: string, seed: number): Promise<Trouble> {
  const dice = new Dice(seed);
  const ledger = new Ledger();
  const broken = new Map<Fault, number>();
  let share = 0;
  const often = faults.filter((fault) => !final.has(fault));
  const pick = (): Fault => dice.below(20) === 0 ? dice.pick(faults) : dice.pick(often);
  const proxy = await openFaultProxy({
    target,
    times: Infinity,
    get fault(): Fault {
      return pick();
    },
    at: () => dice.fraction() < share,
    passed: (request, answer) => {
      const [method = "", path = ""] = request.startLine.split(" ");
      const body = Buffer.from(request.wire.subarray(request.headBytes));
      const status = Number(answer.startLine.split(" ")[1]);
      ledger.note({ method, path, headers: {}, body }, { status, headers: new Headers(), body });
    },
  });
  return {
    url: proxy.url,
    proxy,
    get share(): number {
      return share;
    },
    set share(value) {
      share = value;
    },
    get broken(): ReadonlyMap<Fault, number> {
      broken.clear();
      for (const { fault } of proxy.requests) {
        if (fault !== undefined) broken.set(fault, (broken.get(fault) ?? 0) + 1);
      }
      return broken;
    },
    ledger,
    [Symbol.asyncDispose]: () => proxy.close(),
  };
}
