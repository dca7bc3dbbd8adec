import type { Column } from "./outbox.ts";

/** A column of SwanLab's own monitoring that measures the same, in the same unit. */
interface Equal {
  /** Behind `__swanlab__.`, with `N` for the number of the device. */
  readonly key: string;
  readonly name: string;
  readonly range?: readonly [number | null, number | null];
}

const percent = [0, 100] as const;
const upward = [0, null] as const;

/**
 * What W&B's monitoring (wandb-format §5.2) and SwanLab's (the monitors of swanlab 0.7.20 and
 * 0.10.3) both measure. W&B counts the bytes of disks and networks since the start where SwanLab has
 * a rate, and GPU memory in bytes where SwanLab has MiB, so those are not the same.
 */
const equals: readonly (readonly [RegExp, Equal])[] = [
  [/^cpu$/, { key: "cpu.pct", name: "CPU Utilization (%)", range: percent }],
  [/^cpu\.(\d+)\.cpu_percent$/, {
    key: "cpu.N.pct",
    name: "CPU N Utilization (%)",
    range: percent,
  }],
  [/^proc\.cpu\.threads$/, { key: "cpu.thds", name: "Process CPU Threads", range: upward }],
  [/^memory(?:_percent)?$/, {
    key: "mem.pct",
    name: "System Memory Utilization (%)",
    range: percent,
  }],
  [/^proc\.memory\.rssMB$/, {
    key: "mem.proc",
    name: "Process Memory In Use (non-swap) (MB)",
    range: upward,
  }],
  [/^proc\.memory\.percent$/, {
    key: "mem.proc.pct",
    name: "Process Memory Utilization (%)",
    range: percent,
  }],
  [/^proc\.memory\.availableMB$/, {
    key: "mem.proc.avail",
    name: "Process Memory Available (non-swap) (MB)",
    range: upward,
  }],
  [/^disk(?:\.\/\.usagePercent)?$/, {
    key: "disk.usage",
    name: "Disk Utilization (%)",
    range: percent,
  }],
  [/^gpu\.(\d+)\.gpu$/, { key: "gpu.N.pct", name: "GPU N Utilization (%)", range: percent }],
  [/^gpu\.(\d+)\.memoryAllocated$/, {
    key: "gpu.N.mem.pct",
    name: "GPU N Memory Allocated (%)",
    range: percent,
  }],
  [/^gpu\.(\d+)\.memory$/, {
    key: "gpu.N.mem.time",
    name: "GPU N Time Spent Accessing Memory (%)",
    range: percent,
  }],
  [/^gpu\.(\d+)\.temp$/, { key: "gpu.N.temp", name: "GPU N Temperature (°C)" }],
  [/^gpu\.(\d+)\.powerWatts$/, {
    key: "gpu.N.power",
    name: "GPU N Power Usage (W)",
    range: upward,
  }],
];

/** The column for a key of W&B's monitoring: SwanLab's own where it has one, else `system/KEY`. */
export function systemColumn(name: string): Pick<Column, "key" | "name" | "range"> {
  for (const [pattern, { key, name: title, range }] of equals) {
    const found = pattern.exec(name);
    if (found === null) continue;
    const device = found[1] ?? "";
    return {
      key: `__swanlab__.${key.replace("N", device)}`,
      name: title.replace("N", device),
      ...(range === undefined ? {} : { range }),
    };
  }
  return { key: `system/${name}`, name };
}
