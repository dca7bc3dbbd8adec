import { projectOf, runById, runForId, runIn } from "./access.ts";
import type { Project, RunCard } from "./catalog.ts";
import { answer, type Host, type HostApp, type HostContext } from "./host_app.ts";
import { isoTime } from "./iso_time.ts";
import { pageOf } from "./paging.ts";
import { randomId } from "./random_id.ts";
import {
  type Fields,
  optionalText,
  readFields,
  readLosslessFields,
  textField,
  textsField,
} from "./read_body.ts";
import { malformed } from "./refusal.ts";
import { listedRun, runAnswer } from "./run_answer.ts";
import type { Profile } from "./run_details.ts";
import { type Filtered, selectRuns } from "./run_filter.ts";
import { newRun, resumedRun } from "./run_card.ts";

const states = new Set(["RUNNING", "FINISHED", "CRASHED", "ABORTED"]);
/** What every official client refuses in an id, and what no folder can hold. */
// deno-lint-ignore no-control-regex
const badId = /[<>:"/\\|?*#%\u0000-\u001f\u007f]/;

/** Runs: made, resumed, described, ended, listed, deleted. */
export function addRunRoutes(app: HostApp, host: Host): void {
  const runs = "/api/project/:workspace/:project/runs";
  const make = (context: HostContext): Promise<Response> => makeRun(host, context);
  app.post("/api/project/:workspace/:project/experiment", make);
  app.post(runs, make);
  app.get(runs, async (context) => {
    const project = named(host, context, "read");
    const page = pageOf(context, newestFirst(host, project));
    const list = (await withConfig(host, page.list))
      .map(({ run, config }) => listedRun(project, run, config));
    return answer(context, { ...page, list });
  });
  app.post(`${runs}/shows`, async (context) => {
    const project = named(host, context, "read");
    const fields = await readFields(context, host.limits.jsonBytes);
    const all = await withConfig(host, newestFirst(host, project));
    const list = selectRuns(all, fields)
      .map(({ run, config }) => listedRun(project, run, config));
    return answer(context, list);
  });
  app.post(`${runs}/del`, async (context) => {
    const project = named(host, context, "write");
    const fields = await readFields(context, host.limits.jsonBytes);
    const ids = textsField(fields, "cuids");
    for (const id of ids) runIn(host, context, project, id, "write");
    await host.store.catalog.exclusively(() => host.store.catalog.deleteRuns(ids));
    return answer(context, {});
  });
  app.get(`${runs}/:run`, async (context) => {
    const project = named(host, context, "read");
    const run = runIn(host, context, project, context.req.param("run"), "read");
    return await host.store.withRun(
      run,
      ({ details }) => Promise.resolve(answer(context, runAnswer(project, run, details.profile))),
    );
  });
  app.delete(`${runs}/:run`, async (context) => {
    const project = named(host, context, "write");
    const { id } = runIn(host, context, project, context.req.param("run"), "write");
    await host.store.catalog.exclusively(() => host.store.catalog.deleteRuns([id]));
    return answer(context, {});
  });
  app.put(`${runs}/:run/profile`, (context) => putProfile(host, context));
  app.put(`${runs}/:run/state`, (context) => putState(host, context));
  app.post("/api/house/experiments/:run/heartbeat", async (context) => {
    runById(host, context, context.req.param("run"), "write");
    await readFields(context, host.limits.jsonBytes);
    return answer(context, {});
  });
}

/** The project in the path. */
function named(host: Host, context: HostContext, intent: "read" | "write"): Project {
  const workspace = context.req.param("workspace") ?? "";
  return projectOf(host, context, workspace, context.req.param("project") ?? "", intent);
}

/** The run in the path, in the project in the path, to be changed. */
function namedRun(host: Host, context: HostContext): RunCard {
  const project = named(host, context, "write");
  return runIn(host, context, project, context.req.param("run") ?? "", "write");
}

async function makeRun(host: Host, context: HostContext): Promise<Response> {
  const project = named(host, context, "write");
  const fields = await readFields(context, host.limits.jsonBytes);
  const id = runId(fields);
  const { catalog } = host.store;
  const user = context.get("account").name;
  return await catalog.exclusively(async () => {
    const known = runForId(host, project, id);
    const run = known === undefined
      ? newRun(fields, { id, project: project.id, user, now: isoTime(host.now()) })
      : resumedRun(known, fields);
    await catalog.putRun(run);
    return await host.store.withRun(run, ({ details }) => {
      const body = { ...runAnswer(project, run, details.profile), flagId: randomId() };
      return Promise.resolve(answer(context, body, known === undefined ? 201 : 200));
    });
  });
}

/** The id that the client wants, or a new one. */
function runId(fields: Fields): string {
  const id = optionalText(fields, "cuid", "");
  if (id === "") return randomId();
  if (id.length <= 512 && !badId.test(id) && id.isWellFormed()) return id;
  throw malformed(`No run can have the id ${JSON.stringify(id)}`);
}

function newestFirst(host: Host, project: Project): readonly RunCard[] {
  return host.store.catalog.runsOf(project.id).toReversed();
}

async function withConfig(host: Host, runs: readonly RunCard[]): Promise<readonly Filtered[]> {
  const found: Filtered[] = [];
  for (const run of runs) {
    const { config } = await host.store.profileOf(run);
    found.push({ run, config });
  }
  return found;
}

async function putProfile(host: Host, context: HostContext): Promise<Response> {
  const run = namedRun(host, context);
  const fields = await readLosslessFields(context, host.limits.jsonBytes);
  const profile: { -readonly [Field in keyof Profile]: Profile[Field] } = {};
  for (const name of ["config", "metadata", "requirements", "conda"] as const) {
    // The body was read as lossless JSON, so its fields are lossless values.
    const value = fields[name] as Profile[typeof name];
    if (value !== undefined) profile[name] = value;
  }
  await host.store.change(run, (open) => open.add({ type: "profile", profile }));
  return answer(context, {});
}

async function putState(host: Host, context: HostContext): Promise<Response> {
  const { id } = namedRun(host, context);
  const fields = await readFields(context, host.limits.jsonBytes);
  const state = textField(fields, "state");
  if (!states.has(state)) throw malformed(`There is no state ${JSON.stringify(state)}`);
  const finishedAt = optionalText(fields, "finishedAt", isoTime(host.now()));
  const { catalog } = host.store;
  await catalog.exclusively(async () => {
    const run = runById(host, context, id, "write");
    await catalog.putRun({ ...run, state, finishedAt: state === "RUNNING" ? null : finishedAt });
  });
  host.store.onChange(id);
  return answer(context, {});
}
