import { systemCode, ToolError } from "../errors.ts";
import type { ErrorReport } from "./outcome.ts";

/**
 * An error as reports show it. Whatever is not a ToolError is a bug of ours, except that a failed
 * system call under way is the file system's doing.
 */
export function errorReport(error: unknown): ErrorReport {
  if (error instanceof ToolError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  // Something could not even be closed after it failed; why it failed is what counts.
  if (error instanceof Error && "suppressed" in error) return errorReport(error.suppressed);
  const message = error instanceof Error ? error.message : String(error);
  if (systemCode(error) !== undefined) return { code: "source", message };
  return {
    code: "internal",
    message,
    hint: "This is a bug in runferry; run again with -vv and report what it prints.",
  };
}
