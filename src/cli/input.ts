/** What comes in from outside: from a person at a terminal, or from a pipe. */
export interface Input {
  /** Whether somebody can be asked, because there is a terminal for question and answer. */
  readonly interactive: boolean;
  /**
   * The first line that is piped in, without its end; empty when there is none. At most 64 KiB.
   * @throws {CancelledError} when the user cancels.
   */
  line(): Promise<string>;
  /**
   * Asks for something that must not be seen while it is typed.
   * @throws {CancelledError} when the user cancels.
   */
  secret(question: string): Promise<string>;
  /**
   * Asks for yes or no; no is what an empty answer means.
   * @throws {CancelledError} when the user cancels.
   */
  confirm(question: string): Promise<boolean>;
}
