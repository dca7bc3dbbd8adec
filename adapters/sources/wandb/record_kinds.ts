/** Numbers of the kinds of records, the fields of the message that every record of the log is. */
export const recordKinds = {
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
  final: 20,
  header: 21,
  footer: 22,
  preempting: 23,
  linkArtifact: 24,
  useArtifact: 25,
  /** 0.16.5 and 0.16.6 wrote something else under this number. */
  environment: 26,
  outputLogger: 27,
  request: 100,
} as const;

/**
 * Fields that carry nothing of the user's: the record's number, how it travelled inside the client
 * (`control`, `uuid`, `_info`), marks of the beginning and the end, and requests, which clients do
 * not write to the log.
 */
export const silent: ReadonlySet<number> = new Set([
  ...[1, 16, 19, 200],
  recordKinds.final,
  recordKinds.header,
  recordKinds.footer,
  recordKinds.request,
]);
