/** What a request is answered with when it is not served. */
export interface RefusalDetail {
  /** Stable word in the body, such as "Disabled_Resource". */
  readonly code: string;
  /** Of the status line: the older official client tells cases apart by it. */
  readonly reason: string;
  readonly message: string;
}

/** The statuses that this host refuses with. */
export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 416 | 500 | 507;

/** A request that is not served; the application turns it into status, reason and body. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly status: RefusalStatus;
  readonly code: string;
  readonly reason: string;

  constructor(status: RefusalStatus, detail: RefusalDetail) {
    super(detail.message);
    this.status = status;
    this.code = detail.code;
    this.reason = detail.reason;
  }
}

/** 400: the request is not what the protocol says. */
export function malformed(message: string): Refusal {
  return new Refusal(400, { code: "Bad_Request", reason: "Bad Request", message });
}

/** 401: nobody is logged in. */
export function unauthorized(message: string): Refusal {
  return new Refusal(401, { code: "Unauthorized", reason: "Unauthorized", message });
}

/** 403: somebody else's. */
export function forbidden(message: string): Refusal {
  return new Refusal(403, { code: "Forbidden", reason: "Forbidden", message });
}

/** 404: there is no such thing. */
export function notFound(message: string): Refusal {
  return new Refusal(404, { code: "Not_Found", reason: "Not Found", message });
}

/** 404 of its own kind: a run that was deleted; its id is not given out again. */
export function disabled(run: string): Refusal {
  return new Refusal(404, {
    code: "Disabled_Resource",
    reason: "Disabled Resource",
    message: `The run ${run} was deleted`,
  });
}

/** 409: it exists, but elsewhere. */
export function conflict(message: string): Refusal {
  return new Refusal(409, { code: "Conflict", reason: "Conflict", message });
}

/** 413: more than the host takes at once. */
export function tooLarge(message: string): Refusal {
  return new Refusal(413, {
    code: "Payload_Too_Large",
    reason: "Payload Too Large",
    message,
  });
}

/** 507: there is no room on the disk; nothing was stored. */
export function diskFull(): Refusal {
  return new Refusal(507, {
    code: "Insufficient_Storage",
    reason: "Insufficient Storage",
    message: "The host's disk is full; nothing of this request was stored",
  });
}
