import assert from "node:assert/strict";
import { createServer } from "node:https";
import { describe, it } from "node:test";
import { certificateProblem } from "../../../src/net/certificate_problem.ts";
import { HttpClient } from "../../../src/net/client.ts";
import { NetworkError } from "../../../src/net/network_error.ts";
import { fakeContext } from "./fake_context.ts";
import { listen } from "./raw_server.ts";

/** For localhost, signed by itself, valid for a hundred years, used nowhere else. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLWl3mLPmvuvEADXC
uOvzZxEbieePevQ45Yk5VB+des+hRANCAATD50U9AC6kv1jYq6jWW8QLZezsOz75
bXBC/Jcdf4KOdJM05kALIXxXXEz1c2oumhIbQha76h8i8zhxwjobjPHk
-----END PRIVATE KEY-----
`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUfzhKYXNQggnaM9L4yJHLAF13WeMwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTE2MDAxOFoYDzIxMjYxMTAx
MTYwMDE4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATD50U9AC6kv1jYq6jWW8QLZezsOz75bXBC/Jcdf4KOdJM05kALIXxX
XEz1c2oumhIbQha76h8i8zhxwjobjPHko2kwZzAdBgNVHQ4EFgQUNJGc1uxkTqfu
HVnbI08B8VLFelUwHwYDVR0jBBgwFoAUNJGc1uxkTqfuHVnbI08B8VLFelUwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAPJ8RtcxFujGnq17VTkzYCrSdYPIJPHi84TQBN9NflvyAiBW/kj1xrXd
/FjrV9/7WFobrzeLpJXaMgI/u1F5W4SnYw==
-----END CERTIFICATE-----
`;

/** An error as Bun gives it. */
function withCode(code: string): Error {
  return Object.assign(new TypeError("fetch failed"), { code });
}

/** An error as Deno gives it. */
function withCause(text: string): Error {
  return new TypeError("fetch failed", { cause: new Error(text) });
}

describe("a certificate that is not accepted", () => {
  it("is explained before anything is sent", async () => {
    let requests = 0;
    const server = createServer({ key, cert }, (_request, response) => {
      requests++;
      response.end();
    });
    const port = await listen(server);
    const client = new HttpClient(fakeContext(), { userAgent: "x" });
    const url = `https://localhost:${port}/?sig=xyz`;
    try {
      const sent = client.send({ method: "POST", url, body: "secret" });
      await assert.rejects(sent, (error: Error) => {
        assert.ok(error instanceof NetworkError);
        assert.equal(error.reached, false);
        assert.equal(
          error.message,
          `POST https://localhost:${port}/ failed: its certificate is self-signed`,
        );
        assert.match(error.hint ?? "", /SSL_CERT_FILE/);
        return true;
      });
      assert.equal(requests, 0);
    } finally {
      server.close();
    }
  });

  it("is told apart by what is wrong with it, on every runtime", () => {
    const table: readonly (readonly [Error, RegExp])[] = [
      [withCode("CERT_HAS_EXPIRED"), /has expired/],
      [withCode("CERT_NOT_YET_VALID"), /not valid yet/],
      [withCode("DEPTH_ZERO_SELF_SIGNED_CERT"), /self-signed/],
      [withCode("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), /an issuer that is not known/],
      [withCode("SELF_SIGNED_CERT_IN_CHAIN"), /an issuer that is not known/],
      [withCode("ERR_TLS_CERT_ALTNAME_INVALID"), /another host name/],
      [withCode("CERT_REVOKED"), /revoked/],
      [withCode("CERT_SIGNATURE_FAILURE"), /not accepted \(CERT_SIGNATURE_FAILURE\)/],
      [withCause("invalid peer certificate: UnknownIssuer"), /an issuer that is not known/],
      [withCause("invalid peer certificate: certificate expired: after 1"), /has expired/],
      [withCause("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"), /self-signed/],
      [
        withCause("invalid peer certificate: certificate not valid for name x"),
        /another host name/,
      ],
    ];
    for (const [error, reason] of table) {
      assert.match(certificateProblem(error)?.reason ?? "", reason);
      assert.match(certificateProblem(error)?.hint ?? "", /^[A-Z].*\.$/);
    }
  });

  it("is not suspected behind other errors", () => {
    for (const error of [withCode("ECONNRESET"), withCause("dns error"), new Error(), undefined]) {
      assert.equal(certificateProblem(error), undefined);
    }
  });
});
