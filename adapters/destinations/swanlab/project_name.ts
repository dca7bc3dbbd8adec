/** Where runs go that name no project, as W&B calls it. */
const fallback = "uncategorized";
/** The longest name of a project (swanlab-api §3.4). */
const longest = 100;

/** The name of a project as SwanLab takes it: letters, digits, `_`, `-`, `+` and `.`. */
export function plainProjectName(name: string): string {
  const plain = name.replace(/[^0-9a-zA-Z_+.-]+/g, "-").slice(0, longest);
  return /[0-9a-zA-Z]/.test(plain) ? plain : fallback;
}
