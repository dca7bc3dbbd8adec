import { AuthError } from "../errors.ts";
import { Secret } from "./secret.ts";

/**
 * A key as it was pasted or stored; white space around it is dropped.
 * @throws {AuthError} when it is empty or cannot be sent in a header.
 */
export function parseKey(text: string): Secret {
  const key = text.trim();
  if (key === "") {
    throw new AuthError("The key is empty", {
      hint: "Copy it again from the host's settings page.",
    });
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new AuthError("The key holds a character that no key has", {
      hint: "Copy it again from the host's settings page; a key is one word of letters and digits.",
    });
  }
  return new Secret(key);
}
