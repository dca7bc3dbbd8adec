import type { Host, HostApp } from "./host_app.ts";
import { unauthorized } from "./refusal.ts";

/** From here on every request needs a session, which the login put into the cookie `sid`. */
export function addAuthentication(app: HostApp, host: Host): void {
  app.use("/api/*", async (context, next) => {
    const session = /(?:^|;\s*)sid=([^;\s]+)/.exec(context.req.header("cookie") ?? "")?.[1];
    const account = session === undefined ? undefined : host.accounts.session(session, host.now());
    if (account === undefined) throw unauthorized("Log in with an API key first");
    context.set("account", account);
    await next();
  });
}
