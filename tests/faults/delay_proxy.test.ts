import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { openDelayProxy } from "./delay_proxy.ts";

test("a slow line carries every byte in order, there and back, and counts it", async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address !== "string");
  const sent = Uint8Array.from({ length: 200_000 }, (_, at) => at % 251);
  {
    await using line = await openDelayProxy({
      target: `http://127.0.0.1:${address.port}`,
      delay: 1,
      bandwidth: 20e6,
    });
    const socket = connect({
      port: Number(new URL(line.url).port),
      host: "127.0.0.1",
      allowHalfOpen: true,
    });
    const received: Uint8Array[] = [];
    socket.on("data", (chunk: Uint8Array) => received.push(chunk));
    socket.end(sent);
    await once(socket, "close");
    assert.deepEqual(new Uint8Array(Buffer.concat(received)), sent);
    assert.deepEqual([line.connections, line.sent, line.received], [1, 200_000, 200_000]);
  }
  await new Promise((resolve) => server.close(resolve));
});
