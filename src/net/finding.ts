/** What one look at the way to a host came to. */
export interface Finding {
  /** What was looked at: "name", "connection", "certificate" and so on. */
  readonly about: string;
  readonly isGood: boolean;
  /** What was found, in a few words. */
  readonly text: string;
  /** A full sentence that tells what to do about it. */
  readonly hint?: string;
}
