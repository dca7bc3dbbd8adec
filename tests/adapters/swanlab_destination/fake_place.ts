import type { RunPlace } from "../../../adapters/destinations/swanlab/run_place.ts";
import { Session } from "../../../adapters/destinations/swanlab/session.ts";
import { parseHost } from "../../../src/config/host.ts";
import { Secret } from "../../../src/config/secret.ts";
import { HttpClient } from "../../../src/net/client.ts";
import { fakeContext } from "../../unit/net/fake_context.ts";
import type { Answer, Asked, RecordingProxy } from "./recording_proxy.ts";

const session = { sid: "s", expiredAt: "2030-01-01T00:00:00.000Z", userInfo: { username: "ann" } };

/** A session at a host that lets everybody in and answers all else so. */
export function fakeSession(
  host: RecordingProxy,
  answer: (asked: Asked) => Answer | undefined,
): Session {
  host.meddler = {
    before: (asked) =>
      asked.path === "/api/login/api_key"
        ? { status: 200, body: JSON.stringify(session) }
        : answer(asked),
  };
  const context = fakeContext();
  const client = new HttpClient(context, { userAgent: "runferry/1" });
  return new Session(parseHost(host.url), new Secret("key4hunter2"), client, context);
}

/** A run at such a host. */
export function fakePlace(
  host: RecordingProxy,
  answer: (asked: Asked) => Answer | undefined,
): RunPlace {
  const project = { id: "p-1", workspace: "ann", name: "p", path: "/ann/p", upgraded: true };
  return {
    session: fakeSession(host, answer),
    project,
    run: { id: "r-1", createdAt: 1_795_000_000, profile: {} },
  };
}
