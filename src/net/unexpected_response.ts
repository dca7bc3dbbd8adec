import { TransientError } from "../errors.ts";

/**
 * An answer that is not what the protocol says, such as the web page of a captive portal with
 * status 200. What was asked for may or may not have happened.
 */
export class UnexpectedResponse extends TransientError {
  constructor(message: string) {
    super(message, {
      hint: "Check the address; the login page of a network or a proxy also answers like this.",
    });
  }
}
