import { AuthError, DestinationError, TransientError } from "../../../src/errors.ts";
import { Retry } from "../../../src/net/retry.ts";
import { UnexpectedResponse } from "../../../src/net/unexpected_response.ts";
import { arrayOf, objectOf } from "./json_reply.ts";
import { refusalError } from "./refusal.ts";
import type { Session } from "./session.ts";

/** Something to put at an address that the host signed. */
export interface StoredObject {
  /** As messages name it. */
  readonly path: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** The content from its beginning; called again for each attempt. */
  open(): Promise<Uint8Array | ReadableStream<Uint8Array>>;
}

/** Web pages, redirects and refusals of one address until they are believed. */
const mostRefusals = 3;

/**
 * The addresses to put objects at, in the order of their paths.
 * @throws {DestinationError} when the host is too old to sign addresses (before 2.6.2).
 */
export async function signedAddresses(
  session: Session,
  runId: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  const what = `ask where media of the run ${runId} should go`;
  const reply = await session.call({
    method: "POST",
    path: "/resources/presigned/put",
    body: JSON.stringify({ experimentId: runId, paths }),
    what,
    hints: {
      404:
        "SwanLab hosts before 2.6.2 take media only with storage keys of their own (sts), which " +
        "runferry does not speak; update the host, or leave media out with --no-media.",
    },
  });
  const urls = arrayOf(objectOf(reply.value)["urls"])
    .filter((url) => typeof url === "string" && url !== "")
    .map((url) => session.absolute(String(url)));
  if (urls.length === paths.length) return urls;
  throw new UnexpectedResponse(
    `Cannot ${what}: ${urls.length} addresses came for ${paths.length} objects`,
  );
}

/**
 * Puts an object where the host said, byte for byte at that address, and returns the `ETag` of the
 * answer, if there is one. `renew` gets a new address when the old one is refused.
 * @throws {ToolError} when it cannot, or what reading the content throws.
 */
export async function putObject(
  session: Session,
  url: string,
  object: StoredObject,
  renew: () => Promise<string>,
): Promise<string | undefined> {
  const retry = new Retry(session.context);
  let address = url;
  for (let refusals = 0;;) {
    try {
      return await putOnce(session, address, object);
    } catch (error) {
      const refused = error instanceof DestinationError || error instanceof AuthError ||
        error instanceof UnexpectedResponse;
      if (refused && ++refusals >= mostRefusals) throw error;
      if (!refused && !(error instanceof TransientError)) throw error;
      const reason = refused ? new TransientError(error.message) : error;
      if (!await retry.again(reason)) throw error;
      if (refused) address = await renew();
    }
  }
}

async function putOnce(
  { client, host }: Session,
  url: string,
  { path, contentType, size, open }: StoredObject,
): Promise<string | undefined> {
  const what = `store ${path}`;
  const body = await open();
  const response = await client.send({
    method: "PUT",
    url,
    headers: { "content-type": contentType },
    body,
    length: size,
  });
  const { status, reason, headers } = response;
  const page = headers.get("content-type")?.includes("text/html") ?? false;
  await response.discard();
  if (status >= 300 && status < 400 || status < 300 && page) {
    throw new UnexpectedResponse(
      `Cannot ${what}: a web page or a redirect came instead of an answer`,
    );
  }
  if (status >= 300) throw refusalError(what, host.name, { status, reason });
  return headers.get("etag")?.replace(/^(W\/)?"?|"$/g, "");
}
