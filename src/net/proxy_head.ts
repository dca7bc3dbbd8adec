import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** Which machine a request is for. */
export interface Asked {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether bytes are to be passed on as they are, once there is a connection. */
  readonly isTunnel: boolean;
}

/** Bytes that the head of a request may have. */
const longest = 64 * 1024;

/** The head of a request to an HTTP proxy. */
export interface ProxyHead {
  readonly asked: Asked;
  /** Of the one who asks; "" where none is given. */
  readonly password: string;
  /** The head as the machine itself gets it, for a request that is no tunnel. */
  readonly forwarded: string;
  /** What came behind the head. */
  readonly rest: Uint8Array;
}

/** Reads the head of the request that a connection begins with; undefined when there is none. */
export async function readHead(socket: Socket): Promise<ProxyHead | undefined> {
  let read: Buffer = Buffer.alloc(0);
  for (;;) {
    const end = read.indexOf("\r\n\r\n");
    if (end !== -1) return parseHead(read.toString("latin1", 0, end), read.subarray(end + 4));
    if (read.length > longest) return undefined;
    const piece = await next(socket);
    if (piece === undefined) return undefined;
    read = Buffer.concat([read, piece]);
  }
}

/** The next bytes of a paused connection; undefined at its end. */
function next(socket: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const settle = (piece: Buffer | undefined): void => {
      socket.pause();
      socket.off("data", settle).off("end", ended).off("close", ended);
      resolve(piece);
    };
    const ended = (): void => settle(undefined);
    socket.on("data", settle).on("end", ended).on("close", ended);
    socket.resume();
  });
}

function parseHead(text: string, rest: Uint8Array): ProxyHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const [method = "", target = "", version = ""] = first.split(" ");
  const password = passwordIn(lines);
  if (method === "CONNECT") {
    const [, host, port] = /^(.*):(\d+)$/.exec(target) ?? [];
    if (host === undefined) return undefined;
    const asked = { host: host.replace(/^\[|\]$/g, ""), port: Number(port), isTunnel: true };
    return { asked, password, forwarded: "", rest };
  }
  const [, place = "", path = ""] = /^http:\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  const [, host, port = "80"] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(place) ?? [];
  if (host === undefined || host === "") return undefined;
  const asked = { host: host.replace(/^\[|\]$/g, ""), port: Number(port), isTunnel: false };
  const own = `${method} ${path.startsWith("/") ? path : `/${path}`} ${version}`;
  const kept = lines.filter((line) => !/^(proxy-[^:]*|connection):/i.test(line));
  // What comes next on the connection may be for another machine; so there is one request on each.
  return {
    asked,
    password,
    forwarded: [own, ...kept, "Connection: close", "", ""].join("\r\n"),
    rest,
  };
}

function passwordIn(lines: readonly string[]): string {
  const [, code = ""] = lines.map((line) => /^proxy-authorization: *basic +(\S+)/i.exec(line))
    .find((match) => match !== null) ?? [];
  const text = Buffer.from(code, "base64").toString("utf8");
  return text.slice(text.indexOf(":") + 1);
}
