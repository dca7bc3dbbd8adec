import { systemCode, TransientError } from "../errors.ts";
import { certificateProblem } from "./certificate_problem.ts";

/** A request that got no answer, or only a part of one. */
export class NetworkError extends TransientError {
  /**
   * Whether the server may have seen the request. False only when it provably has not: the name is
   * not known, the connection was refused, or no secure channel came about.
   */
  readonly reached: boolean;

  constructor(message: string, reached: boolean, hint: string) {
    super(message, { hint });
    this.reached = reached;
  }
}

/** What is known about a failure before a connection stood. */
interface Obstacle {
  readonly reason: string;
  readonly hint: string;
}

const notListening: Obstacle = {
  reason: "nothing listens there, or a firewall refuses it",
  hint: "Check that the server runs and that the address and the port are right.",
};
const unknownName: Obstacle = {
  reason: "the name of the host is not known",
  hint: "Check the spelling of the host, and that this machine can resolve names.",
};
const noRoute: Obstacle = {
  reason: "there is no way to the host",
  hint: "Check the network of this machine.",
};
const noHandshake: Obstacle = {
  reason: "the server does not speak TLS on this port",
  hint: "Write the address with http:// if the server is meant to be reached without encryption.",
};
const badProxy: Obstacle = {
  reason: "the proxy does not work",
  hint: "Check the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names.",
};

/** By the code that Bun 1.4.5 and Node's fetch give to an error. */
const obstacles: ReadonlyMap<string, Obstacle> = new Map([
  ["ECONNREFUSED", notListening],
  ["ConnectionRefused", notListening],
  ["ENOTFOUND", unknownName],
  ["EAI_AGAIN", unknownName],
  ["EHOSTUNREACH", noRoute],
  ["ENETUNREACH", noRoute],
  ["ENETDOWN", noRoute],
  ["EPROTO", noHandshake],
  ["UnsupportedProxyProtocol", badProxy],
  ["ConnectionToProxyFailed", badProxy],
]);

/** Deno 2.9.6 gives no codes; the text of the cause says how far a request came. */
const obstacleTexts: readonly (readonly [RegExp, Obstacle])[] = [
  [/tcp connect error: Connection refused/, notListening],
  [/dns error/, unknownName],
  [/InvalidContentType/, noHandshake],
];

/** A sentence of advice that fits every lost connection. */
export const tryAgainHint = "Check the network; the same command goes on from where it stopped.";

/**
 * What a failed `fetch` means. `request` is how messages name the request; `url` is cut out of texts
 * of the runtime, because its query may hold a signature.
 */
export function explainFailure(error: unknown, request: string, url: string): NetworkError {
  const certificate = certificateProblem(error);
  if (certificate !== undefined) {
    const message = `${request} failed: ${certificate.reason}`;
    return new NetworkError(message, false, certificate.hint);
  }
  const obstacle = obstacleOf(error);
  if (obstacle !== undefined) {
    return new NetworkError(`${request} failed: ${obstacle.reason}`, false, obstacle.hint);
  }
  return new NetworkError(`${request} failed: ${reasonOf(error, url)}`, true, tryAgainHint);
}

function obstacleOf(error: unknown): Obstacle | undefined {
  const known = obstacles.get(systemCode(error) ?? "");
  if (known !== undefined || !(error instanceof Error) || !(error.cause instanceof Error)) {
    return known;
  }
  const { message } = error.cause;
  const code = obstacles.get(systemCode(error.cause) ?? "");
  return code ?? obstacleTexts.find(([text]) => text.test(message))?.[1];
}

function reasonOf(error: unknown, url: string): string {
  if (systemCode(error) === "ECONNRESET") return "the connection was closed before all was said";
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(url, "the address").replace(/\?\S*/g, "");
}
