/** Stable, documented names of what can go wrong; `src/cli/exit.ts` maps each to an exit code. */
export type ErrorCode =
  | "internal"
  | "usage"
  | "source"
  | "locked"
  | "auth"
  | "transient"
  | "destination"
  | "verify"
  | "config"
  | "cancelled";

/** What an error may carry besides its message. */
export interface ErrorDetail {
  /** A full sentence that tells the user what to do about it. */
  readonly hint?: string;
  /** The error underneath, kept for `-vv`. */
  readonly cause?: unknown;
}

/**
 * An error meant for the user: the message says what cannot be done and why, with the value; the
 * hint says what to do. Anything that is not a ToolError is a bug and exits with `internal`.
 */
export class ToolError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(
      message,
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.name = "ToolError";
    this.code = code;
    this.hint = detail.hint;
  }
}

/** The command line asks for something that makes no sense. */
export class UsageError extends ToolError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("usage", message, detail);
  }
}

/** A run cannot be found or read, or its format is unknown. */
export class SourceError extends ToolError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("source", message, detail);
  }
}

/** A place that was searched holds no run, which may be just as it should be. */
export class NoRunError extends SourceError {}

/**
 * A file that is not there to be ferried: it is missing, or lies outside the run directory and the
 * user did not allow to go there, or is larger than the user wants.
 */
export class AbsentFileError extends SourceError {}

/** A destination refuses: not found, forbidden, full, a name it cannot hold. */
export class DestinationError extends ToolError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("destination", message, detail);
  }
}

/** What was read back is not what was sent. */
export class VerifyError extends ToolError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("verify", message, detail);
  }
}

/** A key is missing, wrong or expired. */
export class AuthError extends ToolError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("auth", message, detail);
  }
}

/** The network, or a server that is busy or broken: the same may work later. */
export class TransientError extends ToolError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("transient", message, detail);
  }
}

/** A configuration file, an environment variable or an address cannot be understood. */
export class ConfigError extends ToolError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("config", message, detail);
  }
}

/** Another process works on the same run and destination. */
export class LockedError extends ToolError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super("locked", message, detail);
  }
}

/** The user or a signal asked to stop; everything done so far is resumable. */
export class CancelledError extends ToolError {
  constructor(message = "Cancelled", detail: ErrorDetail = {}) {
    super("cancelled", message, detail);
  }
}

/** The code of a failed system call ("ENOENT"), or undefined for any other error, also our own. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof ToolError) return undefined;
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
