import { systemCode } from "../errors.ts";

/** What is wrong with the certificate of a server. */
export interface CertificateProblem {
  readonly reason: string;
  readonly hint: string;
}

const wrongClock: CertificateProblem = {
  reason: "its certificate is not valid yet",
  hint: "Check the clock of this machine.",
};
const expired: CertificateProblem = {
  reason: "its certificate has expired",
  hint: "Check the clock of this machine; if it is right, the server needs a new certificate.",
};
const selfSigned: CertificateProblem = {
  reason: "its certificate is self-signed",
  hint: "If it is the right server, put the certificate in a file and name it in SSL_CERT_FILE.",
};
const unknownIssuer: CertificateProblem = {
  reason: "its certificate comes from an issuer that is not known here",
  hint: "Name the file with the issuer's certificate, such as your company's, in SSL_CERT_FILE.",
};
const otherName: CertificateProblem = {
  reason: "its certificate is for another host name",
  hint: "Use the name that the certificate is for; a proxy of the network may also answer instead.",
};
const revoked: CertificateProblem = {
  reason: "its certificate was revoked",
  hint: "The server needs a new certificate; nothing was sent to it.",
};

/** By the names that OpenSSL gives, which Bun and Node use as codes. */
const byCode: ReadonlyMap<string, CertificateProblem> = new Map([
  ["CERT_NOT_YET_VALID", wrongClock],
  ["CERT_HAS_EXPIRED", expired],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", selfSigned],
  ["SELF_SIGNED_CERT_IN_CHAIN", unknownIssuer],
  ["UNABLE_TO_GET_ISSUER_CERT", unknownIssuer],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", unknownIssuer],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", unknownIssuer],
  ["ERR_TLS_CERT_ALTNAME_INVALID", otherName],
  ["HOSTNAME_MISMATCH", otherName],
  ["CERT_REVOKED", revoked],
]);

/** By the texts of rustls, which Deno uses. */
const byText: readonly (readonly [RegExp, CertificateProblem])[] = [
  [/invalid peer certificate: NotValidYet/, wrongClock],
  [/invalid peer certificate: (certificate )?expired/i, expired],
  [/invalid peer certificate: .*CaUsedAsEndEntity/, selfSigned],
  [/invalid peer certificate: .*(NotValidForName|not valid for)/, otherName],
  [/invalid peer certificate: Revoked/, revoked],
  [/invalid peer certificate/, unknownIssuer],
];

/** What is wrong with a certificate when that is why a request failed, else undefined. */
export function certificateProblem(error: unknown): CertificateProblem | undefined {
  const code = systemCode(error) ?? "";
  const known = byCode.get(code);
  if (known !== undefined || !(error instanceof Error)) return known;
  if (/^(ERR_TLS_|CERT_|UNABLE_TO_)/.test(code)) {
    return { ...unknownIssuer, reason: `its certificate is not accepted (${code})` };
  }
  if (!(error.cause instanceof Error)) return undefined;
  const { message } = error.cause;
  const inner = byCode.get(systemCode(error.cause) ?? "");
  return inner ?? byText.find(([text]) => text.test(message))?.[1];
}
