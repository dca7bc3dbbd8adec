import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A self-signed certificate for a name, made for one test. */
export interface TestCertificate {
  /** Path of the PEM file. */
  readonly path: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes one in a folder, with openssl. */
export function testCertificate(folder: string, name: string): TestCertificate {
  const [path, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", key, "-out", path, "-days", "2", "-subj", `/CN=${name}`],
    ...["-addext", `subjectAltName=DNS:${name}`],
  ], { stdio: "ignore" });
  return { path, cert: readFileSync(path, "utf8"), key: readFileSync(key, "utf8") };
}
