import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, rootCertificates } from "node:tls";
import { X509Certificate } from "node:crypto";
import { systemCode } from "../errors.ts";
import { certificateProblem } from "./certificate_problem.ts";
import type { Finding } from "./finding.ts";

const about = "certificate";
/** Days before its end from which a certificate is worth a word. */
const soon = 14;
const day = 24 * 60 * 60 * 1000;

/**
 * Looks at the certificate of a host over a connection that stands, and closes it. A certificate
 * that no public authority vouches for is that of a private host, or of somebody in between.
 */
export async function examineCertificate(
  socket: Socket,
  host: string,
  { now = Date.now(), ca }: { readonly now?: number; readonly ca?: readonly string[] } = {},
): Promise<Finding> {
  const secure = connect({
    socket,
    servername: host,
    rejectUnauthorized: false,
    ...(ca === undefined ? {} : { ca: [...ca] }),
  });
  try {
    await once(secure, "secureConnect");
    const peer = secure.getPeerX509Certificate();
    if (peer === undefined) return unreadable("it shows none");
    return judge(peer, secure.authorizationError, now);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return unreadable(`no secure connection came about (${systemCode(error)})`);
  } finally {
    secure.destroy();
  }
}

function judge(peer: X509Certificate, problem: unknown, now: number): Finding {
  const issuer = nameIn(peer.issuer);
  const days = Math.floor((Date.parse(peer.validTo) - now) / day);
  const text = `from ${issuer}, good for ${days} days`;
  if (problem === undefined || problem === null) {
    return {
      about,
      isGood: days > soon,
      text: isPublic(peer) ? text : `${text}; no public authority vouches for it`,
      ...(days > soon ? {} : { hint: "The server needs a new certificate soon." }),
    };
  }
  const code = String(problem instanceof Error ? systemCode(problem) ?? problem.message : problem);
  const known = certificateProblem(Object.assign(new Error(code), { code }));
  return {
    about,
    isGood: false,
    text: `from ${issuer}: ${known?.reason ?? code}`,
    hint: known?.hint ?? "Whoever answers is not the host, or its certificate is wrong.",
  };
}
