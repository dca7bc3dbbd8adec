import type { Column } from "./mapping/outbox.ts";
import { type Project, projectPath } from "./project.ts";
import { parts } from "./run_place.ts";
import type { Session } from "./session.ts";

/** Columns of one request (swanlab-api §4.6). */
const mostColumns = 3000;

/** Declares columns: for the whole project where it is upgraded, else for the run. */
export async function declareColumns(
  session: Session,
  project: Project,
  runId: string,
  columns: readonly Column[],
): Promise<void> {
  for (const some of parts(columns, mostColumns)) {
    await session.call({
      method: "POST",
      ...(project.upgraded ? series(project, some) : ofRun(runId, some)),
      what: `declare columns of the run ${runId}`,
    });
  }
}

interface Declaration {
  readonly path: string;
  readonly body: string;
}

function series(project: Project, columns: readonly Column[]): Declaration {
  const list = columns.map(({ key, type, system, section, xAxis, hidden }) => ({
    key,
    type: system ? "SYSTEM" : type,
    ...(xAxis === undefined ? {} : { xAxis }),
    ...(section === undefined ? {} : { sectionName: section }),
    ...(hidden === true ? { hidden } : {}),
  }));
  return {
    path: `/projects/${projectPath(project)}/series`,
    body: JSON.stringify({ series: list }),
  };
}

/** Where the tracker says nothing else, a column goes where its class belongs (swanlab-api §4.3). */
function ofRun(runId: string, columns: readonly Column[]): Declaration {
  const list = columns.map((column) => {
    const { key, type, system, name, section, colors, range, error, chart = {} } = column;
    const { chartIndex, chartName, metricName } = chart;
    return {
      class: system ? "SYSTEM" : "CUSTOM",
      type,
      key,
      ...(name === undefined ? {} : { name }),
      ...(error === undefined ? {} : { error }),
      ...(section === undefined ? {} : { sectionName: section }),
      sectionType: sectionType(column),
      ...(range === undefined ? {} : { yRange: range }),
      ...(chartIndex === undefined ? {} : { chartIndex }),
      ...(chartName === undefined ? {} : { chartName }),
      ...(metricName === undefined ? {} : { metricName }),
      ...(colors === undefined ? {} : { metricColors: colors }),
    };
  });
  return {
    path: `/experiment/${encodeURIComponent(runId)}/columns`,
    body: JSON.stringify(list),
  };
}

function sectionType({ system, hidden, chart = {} }: Column): string {
  const { sectionType } = chart;
  if (typeof sectionType === "string") return sectionType.toUpperCase();
  if (hidden === true) return "HIDDEN";
  return system ? "SYSTEM" : "PUBLIC";
}
