/**
 * The view store of a single process: documents in memory, gone when it ends and rebuilt from the log when it starts.
 * Steps run one after another; each is staged aside and shown all at once.
 */

import { ExactSum } from '../exact-sum.ts';
import { frozenCopy } from '../frozen-copy.ts';
import { compareScalars, fullSort, scalarAt } from '../keyset.ts';
import {
  type Change,
  type Doc,
  type Filter,
  type Find,
  type Group,
  type GroupSums,
  type Move,
  type Place,
  type Scalar,
  type StoredPosition,
  type ViewSpec,
  type ViewStep,
  type ViewStore,
  type ViewsHealth,
  ViewsIncomplete,
} from '../view-store.ts';
import { matcher } from './match.ts';
import { DEFAULT_LIMIT, firstOf, ViewDocuments } from './view-documents.ts';

export interface EmbeddedViewsOptions {
  readonly views: readonly ViewSpec[];
}

export function openEmbeddedViews(options: EmbeddedViewsOptions): ViewStore {
  return new EmbeddedViewStore(options.views);
}

/** The documents a step has written so far, by view and id; null: removed. */
type Staged = Map<string, Map<string, Doc | null>>;

interface Watcher {
  readonly views: ReadonlySet<string>;
  readonly onChange: (change: Change) => void;
}

class EmbeddedViewStore implements ViewStore {
  readonly shared = false;
  readonly #views: ReadonlyMap<string, ViewDocuments>;
  readonly #positions = new Map<string, number>();
  readonly #watchers = new Set<Watcher>();
  #lastStep: Promise<unknown> = Promise.resolve();
  #filling: string | undefined;

  constructor(views: readonly ViewSpec[]) {
    this.#views = new Map(views.map(({ name, indexes }) => [name, new ViewDocuments(indexes)]));
  }

  step(moves: readonly Move[], run: (tx: ViewStep) => Promise<void>): Promise<'applied' | 'refused'> {
    const result = this.#lastStep.then(() => this.#step(moves, run));
    this.#lastStep = result.catch(() => {});
    return result;
  }

  async #step(moves: readonly Move[], run: (tx: ViewStep) => Promise<void>): Promise<'applied' | 'refused'> {
    if (moves.some((move) => this.#position(move.topic, move.partition) !== move.from)) return 'refused';
    const staged: Staged = new Map();
    await run(this.#stepOn(staged));
    for (const { topic, partition, next } of moves) this.#positions.set(positionKey(topic, partition), next);
    this.#apply(staged);
    return 'applied';
  }

  #stepOn(staged: Staged): ViewStep {
    const stagedIn = (view: string): Map<string, Doc | null> => {
      const docs = staged.get(view) ?? new Map<string, Doc | null>();
      staged.set(view, docs);
      return docs;
    };
    return {
      get: async <D extends Doc>(view: string, ids: readonly string[]) => {
        const own = stagedIn(view);
        return this.#get<D>(view, ids, (id) => (own.has(id) ? (own.get(id) ?? undefined) : this.#view(view).get(id)));
      },
      find: async <D extends Doc>(view: string, find: Find) => {
        const own = stagedIn(view);
        const { filter, sort, after, limit = DEFAULT_LIMIT } = find;
        // Read your own writes: documents that this step has written replace their older form among those found.
        const stored = this.#view(view).find({ ...find, limit: limit + own.size });
        const docs = [...stored.filter((doc) => !own.has(doc._id)), ...own.values()].filter((doc) => doc !== null);
        return firstOf(docs, matcher(filter), fullSort(sort), after, limit) as readonly D[];
      },
      put: async (view, docs) => {
        this.#view(view);
        for (const doc of docs) stagedIn(view).set(doc._id, frozenCopy(doc));
      },
      remove: async (view, ids) => {
        this.#view(view);
        for (const id of ids) stagedIn(view).set(id, null);
      },
    };
  }

  #apply(staged: Staged): void {
    const changes: Change[] = [];
    for (const [view, docs] of staged) {
      const stored = this.#view(view);
      for (const [id, doc] of docs) {
        if (doc === null && stored.get(id) === undefined) continue;
        if (doc === null) stored.remove(id);
        else stored.put(doc);
        changes.push({ view, id, doc });
      }
    }
    for (const watcher of [...this.#watchers]) {
      for (const change of changes) {
        if (watcher.views.has(change.view)) tell(watcher, change);
      }
    }
  }

  async position(topic: string, partition: number): Promise<number> {
    return this.#position(topic, partition);
  }

  async positions(places: readonly Place[]): Promise<readonly number[]> {
    return places.map(({ topic, partition }) => this.#position(topic, partition));
  }

  #position(topic: string, partition: number): number {
    return this.#positions.get(positionKey(topic, partition)) ?? 0;
  }

  async get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    return this.#get<D>(view, ids, (id) => this.#readable(view).get(id));
  }

  #get<D extends Doc>(
    view: string,
    ids: readonly string[],
    one: (id: string) => Doc | undefined,
  ): ReadonlyMap<string, D> {
    this.#view(view);
    const found = new Map<string, D>();
    for (const id of ids) {
      const doc = one(id);
      // What type a view's documents have is the caller's knowledge, as the port says.
      if (doc !== undefined) found.set(id, doc as D);
    }
    return found;
  }

  async find<D extends Doc>(view: string, find: Find): Promise<readonly D[]> {
    return this.#readable(view).find(find) as readonly D[];
  }

  async count(view: string, filter: Filter): Promise<number> {
    return this.#readable(view).count(filter);
  }

  async groups(view: string, { filter, by, prefix, sums }: GroupSums): Promise<readonly Group[]> {
    const groups = new Map<Scalar, { count: number; readonly sums: readonly ExactSum[] }>();
    for (const doc of this.#readable(view).matching(filter)) {
      const key = by === null ? null : firstCharacters(scalarAt(doc, by), prefix);
      const group = groups.get(key) ?? { count: 0, sums: sums.map(() => new ExactSum()) };
      groups.set(key, group);
      group.count++;
      for (const [i, sum] of group.sums.entries()) {
        const value = scalarAt(doc, sums[i] ?? '');
        if (typeof value === 'number') sum.add(value);
      }
    }
    return [...groups]
      .map(([key, group]) => ({
        key,
        count: group.count,
        sums: Object.fromEntries(sums.map((field, i) => [field, group.sums[i]?.value ?? 0n])),
      }))
      .sort((a, b) => compareScalars(a.key, b.key));
  }

  async watch(views: readonly string[], onChange: (change: Change) => void): Promise<() => Promise<void>> {
    for (const view of views) this.#view(view);
    const watcher: Watcher = { views: new Set(views), onChange };
    this.#watchers.add(watcher);
    return async () => {
      this.#watchers.delete(watcher);
    };
  }

  health(): ViewsHealth {
    return this.#filling === undefined ? { state: 'running' } : { state: 'trouble', detail: this.#filling };
  }

  /** Nobody else writes here, so they never move. */
  onMoved(): () => void {
    return () => undefined;
  }

  async filling(reason: string): Promise<void> {
    this.#filling = reason;
  }

  async filled(positions: readonly StoredPosition[]): Promise<boolean> {
    const reached = positions.every(({ topic, partition, offset }) => this.#position(topic, partition) >= offset);
    if (reached) this.#filling = undefined;
    return this.#filling === undefined;
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#watchers.clear();
    await this.#lastStep;
  }

  /** @throws {ViewsIncomplete} */
  #readable(name: string): ViewDocuments {
    const view = this.#view(name);
    if (this.#filling !== undefined) throw new ViewsIncomplete(this.#filling);
    return view;
  }

  #view(name: string): ViewDocuments {
    const view = this.#views.get(name);
    if (view === undefined)
      throw new RangeError(`no view is named ${name}; there are ${[...this.#views.keys()].join(', ')}`);
    return view;
  }
}

function positionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function firstCharacters(value: Scalar, count: number | undefined): Scalar {
  if (count === undefined || typeof value !== 'string') return value;
  // A code point has at most two units, so this many hold the characters asked for.
  return Array.from(value.slice(0, 2 * count))
    .slice(0, count)
    .join('');
}

/** A watcher's failure is its own: the step is applied, and the others must still be told. */
function tell(watcher: Watcher, change: Change): void {
  try {
    watcher.onChange(change);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
