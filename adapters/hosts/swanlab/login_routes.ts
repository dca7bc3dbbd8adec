import { answer, type Host, type HostApp } from "./host_app.ts";
import { isoTime } from "./iso_time.ts";
import { notFound, unauthorized } from "./refusal.ts";

/** Requests that need no login: health, and logging in itself. */
export function addOpenRoutes(app: HostApp, host: Host): void {
  for (const path of ["/api", "/api/"]) app.get(path, (context) => context.text("OK"));
  app.get("/api/house/health", (context) => context.text("OK"));
  app.get("/api/auth/health", (context) => context.text("OK"));
  app.get("/api/self_hosted/info", (context) =>
    answer(context, {
      enabled: true,
      expired: false,
      root: false,
      plan: "free",
      seats: host.accounts.names.length,
    }));
  app.post("/api/login/api_key", async (context) => {
    const key = context.req.header("authorization") ?? "";
    const account = key === "" ? undefined : await host.accounts.byKey(key);
    if (account === undefined) throw unauthorized("The API key is not one of this host");
    const session = host.accounts.login(account, host.now());
    context.header("set-cookie", `sid=${session.id}; Path=/; HttpOnly; SameSite=Lax`);
    return answer(context, {
      sid: session.id,
      expiredAt: isoTime(session.expires),
      userInfo: { username: account.name, name: account.name, avatar: null },
    });
  });
}

/** Everything about the caller. */
export function addAccountRoutes(app: HostApp, host: Host): void {
  app.get("/api/user/profile", (context) => {
    const { name } = context.get("account");
    return answer(context, {
      username: name,
      name,
      bio: "",
      institution: "",
      school: "",
      email: "",
      location: "",
      url: "",
    });
  });
  app.get(
    "/api/user/:user/groups",
    (context) => answer(context, [workspace(context.get("account").name)]),
  );
  app.get(
    "/api/group",
    (context) => answer(context, { list: [workspace(context.get("account").name)] }),
  );
  app.get(
    "/api/group/",
    (context) => answer(context, { list: [workspace(context.get("account").name)] }),
  );
  app.get("/api/group/:workspace", (context) => {
    const account = host.accounts.byName(context.req.param("workspace"));
    if (account === undefined) throw notFound("There is no such workspace");
    return answer(context, workspace(account.name));
  });
}

function workspace(name: string): object {
  return { username: name, name, type: "PERSON", role: "OWNER", profile: {} };
}
