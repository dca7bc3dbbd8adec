/**
 * What a host holds of a run, as named statements: "train/loss" of the group "scalar train/loss"
 * says "0.25 at 1700000000000". Two runs are the same when their facts are.
 */
export class Facts {
  readonly #groups = new Map<string, Map<string, string>>();

  /** Every group, in order of name. */
  get groups(): readonly string[] {
    return [...this.#groups.keys()].sort();
  }

  add(group: string, name: string, statement: string): void {
    const facts = this.#groups.get(group) ?? new Map<string, string>();
    // Twice the same name is a duplicate, which must not go unnoticed.
    facts.set(facts.has(name) ? `${name} (again)` : name, statement);
    this.#groups.set(group, facts);
  }

  group(name: string): ReadonlyMap<string, string> {
    return this.#groups.get(name) ?? new Map();
  }
}
