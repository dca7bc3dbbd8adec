const types: { readonly [ending: string]: string } = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  bmp: "image/bmp",
  webp: "image/webp",
  svg: "image/svg+xml",
  wav: "audio/wav",
  mp4: "video/mp4",
  json: "application/json",
  yaml: "application/yaml",
  yml: "application/yaml",
  csv: "text/csv; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  py: "text/x-python; charset=utf-8",
};

/** What to call the content of a file by its name. HTML is not among them: it would run here. */
export function mimeType(path: string): string {
  const ending = /\.([^./]+)$/.exec(path)?.[1] ?? "";
  return Object.hasOwn(types, ending.toLowerCase())
    ? types[ending.toLowerCase()] ?? "application/octet-stream"
    : "application/octet-stream";
}
