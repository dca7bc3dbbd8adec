import { Buffer } from "node:buffer";

interface Canned {
  readonly status: string;
  readonly headers?: readonly string[];
  readonly type?: string;
  readonly body: string;
}

function refusal(code: string): string {
  return JSON.stringify({ code, message: `${code} (made up by the fault proxy)` });
}

const page = "<!DOCTYPE html><html><body><h1>Welcome to the airport network</h1></body></html>";

/** A fault that is an answer of its own. */
export type CannedFault = "401" | "403" | "413" | "429" | "500" | "503" | "html" | "redirect";

/** What the proxy answers in the host's place, by the name of the fault. */
const answers: { readonly [Fault in CannedFault]: Canned } = {
  "401": { status: "401 Unauthorized", body: refusal("Unauthorized") },
  "403": { status: "403 Forbidden", body: refusal("Forbidden") },
  "413": { status: "413 Payload Too Large", body: refusal("Payload_Too_Large") },
  "429": {
    status: "429 Too Many Requests",
    headers: ["Retry-After: 1"],
    body: refusal("Too_Many_Requests"),
  },
  "500": { status: "500 Internal Server Error", body: refusal("Internal_Error") },
  "503": { status: "503 Service Unavailable", body: refusal("Unavailable") },
  html: { status: "200 OK", type: "text/html", body: page },
  redirect: { status: "302 Found", headers: ["Location: /captive/portal"], body: "" },
};

/** Whether a fault is an answer of its own. */
export function isCanned(fault: string): fault is CannedFault {
  return Object.hasOwn(answers, fault);
}

/** The bytes of such an answer. */
export function cannedAnswer(fault: CannedFault): Uint8Array {
  const { status, headers = [], type = "application/json", body } = answers[fault];
  const lines = [
    `HTTP/1.1 ${status}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "traceid: fault-proxy",
    ...headers,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1");
}
