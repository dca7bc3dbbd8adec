/** Numbers of a Record's fields, the same in every version but 24 and 26. */
export const record = {
  history: 2,
  summary: 3,
  output: 4,
  config: 5,
  files: 6,
  stats: 7,
  artifact: 8,
  tensorboard: 9,
  alert: 10,
  telemetry: 11,
  metric: 12,
  outputRaw: 13,
  run: 17,
  exit: 18,
  preempting: 23,
  link: 24,
  usedArtifact: 25,
  environment: 26,
  outputLogger: 27,
} as const;

/**
 * Fields that carry nothing of the run: number, control, request id, end marks, the header that was
 * read before, requests (which no client writes), and the stream id.
 */
export const bookkeeping: ReadonlySet<number> = new Set([1, 16, 19, 20, 21, 22, 23, 100, 101, 200]);
