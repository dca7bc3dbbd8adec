/** Where settings are looked for. */
export interface SettingsContext {
  readonly environment: { readonly [name: string]: string | undefined };
  /** The user's home directory, absolute. */
  readonly home: string;
  /** Current directory, absolute. */
  readonly cwd: string;
}

/**
 * An environment variable; undefined when it is not set or empty. Quotes around it are dropped, as
 * the official client does: files like /etc/environment and some scripts leave them there.
 */
export function variable({ environment }: SettingsContext, name: string): string | undefined {
  const text = (environment[name] ?? "").trim().replace(/^(["'])(.*)\1$/s, "$2").trim();
  return text === "" ? undefined : text;
}
