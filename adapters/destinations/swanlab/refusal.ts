import {
  AuthError,
  DestinationError,
  type ToolError,
  TransientError,
} from "../../../src/errors.ts";

/** What a host said instead of yes. */
export interface Refusal {
  readonly status: number;
  /** The reason phrase, which some hosts tell cases apart by (swanlab-api §2.3). */
  readonly reason: string;
  /** `code` of the body, such as "Disabled_Resource". */
  readonly code?: string;
  /** `message` of the body. */
  readonly message?: string;
  /** The host's name for this exchange, for those who look into its logs. */
  readonly trace?: string;
}

/** Whether a run or project was deleted and its id cannot be used again. */
export function isDeleted({ status, reason, code }: Refusal): boolean {
  return status === 404 && (code === "Disabled_Resource" || reason === "Disabled Resource");
}

/** Whether the same request may be answered differently later, without anybody doing anything. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500 && status !== full;
}

/** A host without room on its disk; nothing of the request was stored. */
const full = 507;

/** The refusal as a phrase: "404 Not Found (Disabled_Resource: …; trace 4711)". */
function describe({ status, reason, code, message, trace }: Refusal): string {
  const said = [code === reason ? undefined : code, message === code ? undefined : message]
    .filter((part) => part !== undefined && part !== "").join(": ");
  const details = [said, trace === undefined ? "" : `trace ${trace}`]
    .filter((part) => part !== "").join("; ");
  return `${status}${reason === "" ? "" : ` ${reason}`}${details === "" ? "" : ` (${details})`}`;
}

/**
 * The error for what a host refused. `what` says what was wanted: "create the project x"; `hints`
 * give better advice for single statuses.
 */
export function refusalError(
  what: string,
  host: string,
  refusal: Refusal,
  hints: { readonly [status: number]: string } = {},
): ToolError {
  const { status } = refusal;
  const message = `Cannot ${what} at ${host}: ${describe(refusal)}`;
  const hint = hints[status] ?? (isDeleted(refusal) ? hintIfDeleted : usualHints[status]) ??
    (status >= 300 && status < 400 ? hintIfElsewhere : undefined);
  const detail = hint === undefined ? {} : { hint };
  if (status === 401) return new AuthError(message, detail);
  if (isPassing(status)) {
    return new TransientError(message, {
      hint: hint ?? "The host is busy or broken; run the same command again later.",
    });
  }
  return new DestinationError(message, detail);
}

const hintIfDeleted =
  "It was deleted there, and its id cannot be used again; --id new makes a new run.";

const hintIfElsewhere =
  "A proxy or the login page of a network may stand in between; check the address and the network.";

const usualHints: { readonly [status: number]: string } = {
  400: "The host does not take what was sent; -vv shows more.",
  401: "Log in again with runferry login, or give another key with -k.",
  403: "The account may not write there; name a workspace of its own with -w.",
  404: "Check the names of workspace and project, and that the host is a SwanLab host.",
  409: "The name is taken by something else; choose another one.",
  413: "The host, or a proxy before it, does not take requests of this size.",
  [full]: "Free some room at the host, and run the same command again.",
};
