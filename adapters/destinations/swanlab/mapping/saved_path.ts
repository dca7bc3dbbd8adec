/** A name as a path below the saved files: `/` between its parts, and no way out. */
export function savedPath(name: string): string {
  const parts = name.toWellFormed().replace(/[\u0000-\u001f\u007f]/g, "_").split(/[/\\]/);
  const safe = parts.filter((part) => part !== "" && part !== ".")
    .map((part) => part === ".." ? "_" : part);
  return safe.length === 0 ? "file" : safe.join("/");
}

/** Where a file of the run directory is saved: what lies in `files/` keeps its path from there. */
export function savedPathOf(path: string, folder: string): string {
  if (path.startsWith("files/")) return savedPath(path.slice("files/".length));
  const outside = path.startsWith("/") || path.includes(":");
  return savedPath(outside ? `${folder}/${path.split(/[/\\]/).at(-1) ?? ""}` : path);
}
