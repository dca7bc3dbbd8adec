/** Hears what a command is doing, as it does it. Implementations must be cheap: calls are frequent. */
export interface Progress {
  /** So much more there is to do; bytes as far as sizes are known. */
  total(runs: number, bytes: number): void;
  runStarted(path: string): void;
  /** More values and media items read. */
  points(count: number): void;
  /** More bytes of files read. */
  bytes(count: number): void;
  /** One more file read to its end. */
  file(): void;
  /** A run is finished with; `bytes` is the size of its directory. */
  runEnded(path: string, bytes: number): void;
}
