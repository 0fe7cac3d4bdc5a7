/** Ids by what they have in common; a group goes with its last id. */

export class Grouped {
  readonly #groups = new Map<string, Set<string>>();

  get(group: string): Iterable<string> {
    return this.#groups.get(group) ?? [];
  }

  size(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  add(group: string, id: string): void {
    const ids = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, ids.add(id));
  }

  delete(group: string, id: string): void {
    const ids = this.#groups.get(group);
    ids?.delete(id);
    if (ids?.size === 0) this.#groups.delete(group);
  }
}
