/** Stores in memory, for where no disk can be used, and for tests. Nothing is left of them when the process ends. */
import type { PartitionStore, StoreRange, Stores } from './partition-store.ts';

export function openMemoryStores(): Stores {
  return { lasting: false, open: () => new MemoryStore(), close: () => Promise.resolve() };
}

export class MemoryStore implements PartitionStore {
  readonly #tables = new Map<string, Map<string, string>>();
  #saved: (() => string) | undefined;

  get saved(): string | undefined {
    return this.#saved?.();
  }

  get(table: string, key: string): string | undefined {
    return this.#tables.get(table)?.get(key);
  }

  put(table: string, key: string, value: string): void {
    this.#table(table).set(key, value);
  }

  remove(table: string, key: string): void {
    this.#table(table).delete(key);
  }

  putAside(table: string, key: string, value: string | undefined): void {
    if (value === undefined) this.remove(table, key);
    else this.put(table, key, value);
  }

  /** Goes over the whole table: not for every step. */
  range(table: string, { from = '', below, most }: StoreRange): readonly (readonly [string, string])[] {
    const found = [...this.#table(table)].filter(([key]) => key >= from && (below === undefined || key < below));
    return found.sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, most);
  }

  save(point: () => string): void {
    this.#saved = point;
  }

  spill(): void {}

  wipe(): void {
    this.#tables.clear();
    this.#saved = undefined;
  }

  close(): void {}

  #table(name: string): Map<string, string> {
    const table = this.#tables.get(name) ?? new Map<string, string>();
    this.#tables.set(name, table);
    return table;
  }
}
