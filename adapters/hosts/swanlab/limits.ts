/** What one client may ask of the host. */
export interface Limits {
  /** Of a JSON body, in bytes. */
  readonly jsonBytes: number;
  /** Of one object, saved file or part, in bytes. */
  readonly objectBytes: number;
  /** Connections at once. */
  readonly connections: number;
  /** ms until all headers of a request must be there. */
  readonly headersMs: number;
  /** ms without a byte after which a connection is closed. */
  readonly silenceMs: number;
}

/** Generous to every official client. */
export const defaultLimits: Limits = {
  jsonBytes: 64 << 20,
  objectBytes: 50 * 2 ** 30,
  connections: 512,
  headersMs: 30_000,
  silenceMs: 120_000,
};
