import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import { writeLosslessJson } from "../../../src/codec/lossless_json.ts";
import type { Account, Accounts } from "./accounts.ts";
import type { ExportDesk } from "./export_desk.ts";
import type { Limits } from "./limits.ts";
import type { Signer } from "./signer.ts";
import type { Store } from "./store.ts";

/** What every handler works with. */
export interface Host {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly signer: Signer;
  readonly exports: ExportDesk;
  readonly limits: Limits;
  /** 1 for a host with series, 0 for an old private one with columns. */
  readonly projectVersion: 0 | 1;
  /** Where clients reach the host, if that is fixed: without `/api` and without `/` at the end. */
  readonly baseUrl: string | undefined;
  /** ms since epoch. */
  now(): number;
}

/** The types of our hono application. */
export interface HostTypes {
  Bindings: HttpBindings;
  Variables: { account: Account };
}

export type HostApp = Hono<HostTypes>;
export type HostContext = Context<HostTypes>;

/** A JSON answer. */
export function answer(context: HostContext, value: unknown, status: 200 | 201 = 200): Response {
  return context.body(writeLosslessJson(value), status, { "content-type": "application/json" });
}
