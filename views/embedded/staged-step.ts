/** A step that is under way: what it writes goes into the writer's transaction at once, so its reads see it. */
import type { Doc, Find, StoredPosition, ViewStep } from '../view-store.ts';
import type { Link } from './link.ts';
import type { WriterRequests } from './requests.ts';

/** A document that the step has written, as JSON; null: removed. */
export interface Written {
  readonly view: string;
  readonly id: string;
  readonly json: string | null;
}

export class StagedStep implements ViewStep {
  readonly #writer: Link<WriterRequests>;
  readonly #check: (view: string) => void;
  /** By view and id: what is written last counts. */
  readonly #written = new Map<string, Written>();

  /** @param check throws for a view that there is not */
  constructor(writer: Link<WriterRequests>, check: (view: string) => void) {
    this.#writer = writer;
    this.#check = check;
    writer.tell('begin', null);
  }

  async get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    this.#check(view);
    if (ids.length === 0) return new Map();
    return documentsById<D>(await this.#writer.ask('get', { view, ids }));
  }

  async find<D extends Doc>(view: string, find: Find): Promise<readonly D[]> {
    this.#check(view);
    return (await this.#writer.ask('find', { view, find })).map((json) => documentIn<D>(json));
  }

  async put(view: string, docs: readonly Doc[]): Promise<void> {
    this.#check(view);
    if (docs.length === 0) return;
    const texts = docs.map((doc) => JSON.stringify(doc));
    for (const [i, { _id: id }] of docs.entries()) this.#note({ view, id, json: texts[i] ?? null });
    this.#writer.tell('put', { view, docs: texts });
  }

  async remove(view: string, ids: readonly string[]): Promise<void> {
    this.#check(view);
    if (ids.length === 0) return;
    for (const id of ids) this.#note({ view, id, json: null });
    this.#writer.tell('remove', { view, ids });
  }

  purge(): void {
    this.#writer.tell('purge', null);
  }

  /** Resolves with what has changed. */
  async commit(positions: readonly StoredPosition[]): Promise<readonly Written[]> {
    const removed = await this.#writer.ask('commit', { positions });
    const gone = new Set(removed.map(({ view, id }) => `${view}/${id}`));
    return [...this.#written].filter(([key, { json }]) => json !== null || gone.has(key)).map(([, one]) => one);
  }

  async rollback(): Promise<void> {
    // A writer that has ended has rolled back.
    await this.#writer.ask('rollback', null).catch(() => undefined);
  }

  #note(written: Written): void {
    const key = `${written.view}/${written.id}`;
    this.#written.delete(key);
    this.#written.set(key, written);
  }
}

export function documentsById<D extends Doc>(
  found: readonly (readonly [id: string, json: string])[],
): ReadonlyMap<string, D> {
  return new Map(found.map(([id, json]) => [id, documentIn<D>(json)]));
}

/** What type a view's documents have is the caller's knowledge, as the port says. */
export function documentIn<D extends Doc>(json: string): D {
  return JSON.parse(json) as D;
}
