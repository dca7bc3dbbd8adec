import { ownWorkspace, projectOf } from "./access.ts";
import type { Project } from "./catalog.ts";
import { answer, type Host, type HostApp, type HostContext } from "./host_app.ts";
import { isoTime } from "./iso_time.ts";
import { pageOf } from "./paging.ts";
import { randomId } from "./random_id.ts";
import { type Fields, optionalText, readFields, textField } from "./read_body.ts";
import { malformed, notFound } from "./refusal.ts";

/** What every official client allows. */
const namePattern = /^[0-9A-Za-z_\-+.]{1,100}$/;

/** Projects: made, looked at, deleted. */
export function addProjectRoutes(app: HostApp, host: Host): void {
  app.post("/api/projects/:workspace", async (context) => {
    if (host.projectVersion === 0) throw notFound("This host has no such address");
    const fields = await readFields(context, host.limits.jsonBytes);
    const { project, made } = await ensure(host, context, context.req.param("workspace"), fields);
    return answer(context, projectAnswer(host, project), made ? 201 : 200);
  });
  app.post("/api/project", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    const workspace = optionalText(fields, "username", context.get("account").name);
    return await create(host, context, workspace, fields);
  });
  app.post("/api/project/:workspace", async (context) => {
    const fields = await readFields(context, host.limits.jsonBytes);
    return await create(host, context, context.req.param("workspace"), fields);
  });
  app.get("/api/project/:workspace", (context) => {
    const workspace = context.req.param("workspace");
    ownWorkspace(host, context, workspace);
    const search = context.req.query("search") ?? "";
    const projects = host.store.catalog.projectsOf(workspace)
      .filter(({ name }) => name.includes(search));
    return answer(context, pageOf(context, projects.map((one) => projectAnswer(host, one))));
  });
  app.get("/api/project/:workspace/:project", (context) => {
    const { workspace, project } = context.req.param();
    return answer(
      context,
      projectAnswer(host, projectOf(host, context, workspace, project, "read")),
    );
  });
  app.delete("/api/project/:workspace/:project", async (context) => {
    const { workspace, project: name } = context.req.param();
    const project = projectOf(host, context, workspace, name, "write");
    await host.store.catalog.exclusively(() => host.store.catalog.dropProject(project.id));
    return answer(context, {});
  });
}

/** The older way to make a project: 409 with the project when it is there. */
async function create(
  host: Host,
  context: HostContext,
  workspace: string,
  fields: Fields,
): Promise<Response> {
  const { project, made } = await ensure(host, context, workspace, fields);
  const body = projectAnswer(host, project);
  if (made) return answer(context, body, 201);
  context.env.outgoing.statusMessage = "Conflict";
  const message = `The project ${workspace}/${project.name} exists`;
  return context.json({ code: "Conflict", message, ...body }, 409);
}

async function ensure(
  host: Host,
  context: HostContext,
  workspace: string,
  fields: Fields,
): Promise<{ readonly project: Project; readonly made: boolean }> {
  ownWorkspace(host, context, workspace);
  const name = textField(fields, "name");
  if (!namePattern.test(name)) throw malformed(`No project can be called ${JSON.stringify(name)}`);
  const { catalog } = host.store;
  return await catalog.exclusively(async () => {
    const known = catalog.project(workspace, name);
    if (known !== undefined) return { project: known, made: false };
    const project = {
      id: randomId(),
      workspace,
      name,
      visibility: optionalText(fields, "visibility", "PRIVATE"),
      description: optionalText(fields, "description", ""),
      createdAt: isoTime(host.now()),
    };
    await catalog.putProject(project);
    return { project, made: true };
  });
}

/** A project as the API gives it (swanlab-api §3.1). */
function projectAnswer({ store, projectVersion }: Host, project: Project): object {
  const { id, workspace, name, visibility, description, createdAt } = project;
  const experiments = store.catalog.countRuns(id);
  return {
    cuid: id,
    name,
    path: `/${workspace}/${name}`,
    username: workspace,
    visibility,
    description,
    ...(projectVersion === 1 ? { version: 1 } : {}),
    group: { type: "PERSON", username: workspace, name: workspace },
    _count: { experiments, contributors: 1, collaborators: 0, clones: 0, children: 0 },
    projectLabels: [],
    createdAt,
    updatedAt: createdAt,
    role: "OWNER",
  };
}
