import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import { DestinationError, systemCode } from "../../../src/errors.ts";
import { addAuthentication } from "./authenticate.ts";
import { addColumnRoutes } from "./column_routes.ts";
import { addExportRoutes, addSignedExportRoutes } from "./export_routes.ts";
import type { Host, HostApp, HostTypes } from "./host_app.ts";
import { addAccountRoutes, addOpenRoutes } from "./login_routes.ts";
import { addMediaRoutes } from "./media_routes.ts";
import { addMetricRoutes } from "./metric_routes.ts";
import { addObjectRoutes, addSignedObjectRoutes } from "./object_routes.ts";
import { addProjectRoutes } from "./project_routes.ts";
import { diskFull, notFound, Refusal } from "./refusal.ts";
import { addRunRoutes } from "./run_routes.ts";
import { addSavedFileRoutes, addSignedFileRoutes } from "./saved_file_routes.ts";
import { addScalarRoutes } from "./scalar_routes.ts";
import { addSummaryRoutes } from "./summary_routes.ts";

/** All addresses of the host. `report` is told of errors that are the host's own. */
export function makeApplication(host: Host, report: (error: unknown) => void): HostApp {
  const app = new Hono<HostTypes>();
  app.use("*", async (context, next) => {
    context.header("traceid", randomBytes(16).toString("hex"));
    await next();
  });
  app.notFound((context) => refuse(context, notFound("This host has no such address")));
  app.onError((error, context) => {
    const refusal = refusalOf(error);
    if (refusal === undefined) report(error);
    return refuse(context, refusal ?? broken());
  });
  addOpenRoutes(app, host);
  addSignedObjectRoutes(app, host);
  addSignedFileRoutes(app, host);
  addSignedExportRoutes(app, host);
  addAuthentication(app, host);
  addAccountRoutes(app, host);
  addProjectRoutes(app, host);
  addRunRoutes(app, host);
  addColumnRoutes(app, host);
  addMetricRoutes(app, host);
  addObjectRoutes(app, host);
  addSavedFileRoutes(app, host);
  addSummaryRoutes(app, host);
  addScalarRoutes(app, host);
  addExportRoutes(app, host);
  addMediaRoutes(app, host);
  return app;
}

function refuse(context: Context<HostTypes>, refusal: Refusal): Response {
  const { status, code, reason, message } = refusal;
  // The older official client tells cases apart by the reason phrase, the newer one by the code.
  context.env.outgoing.statusMessage = reason;
  return context.body(JSON.stringify({ code, message, status }), {
    status,
    headers: { "content-type": "application/json" },
  });
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  const cause = error instanceof DestinationError ? error.cause : error;
  const code = systemCode(cause);
  return code === "ENOSPC" || code === "EDQUOT" ? diskFull() : undefined;
}

function broken(): Refusal {
  return new Refusal(500, {
    code: "Internal_Server_Error",
    reason: "Internal Server Error",
    message: "The host failed; its own log says why",
  });
}
