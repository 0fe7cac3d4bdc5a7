/** Who watches the views, and is told of each change. */
import { frozenCopy } from '../frozen-copy.ts';
import type { Change, Doc } from '../view-store.ts';
import { documentIn, type Written } from './staged-step.ts';

interface Watcher {
  readonly views: ReadonlySet<string>;
  readonly onChange: (change: Change) => void;
}

export class Watchers {
  readonly #watchers = new Set<Watcher>();

  /** Returns what ends it. */
  add(views: readonly string[], onChange: (change: Change) => void): () => void {
    const watcher: Watcher = { views: new Set(views), onChange };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  tell(written: readonly Written[]): void {
    const watchers = [...this.#watchers];
    if (watchers.length === 0) return;
    for (const { view, id, json } of written) {
      const told = watchers.filter(({ views }) => views.has(view));
      if (told.length === 0) continue;
      // One copy for all of them, which none can change.
      const change: Change = { view, id, doc: json === null ? null : frozenCopy(documentIn<Doc>(json)) };
      for (const watcher of told) tellOne(watcher, change);
    }
  }

  clear(): void {
    this.#watchers.clear();
  }
}

/** A watcher's failure is its own: the step is applied, and the others must still be told. */
function tellOne(watcher: Watcher, change: Change): void {
  try {
    watcher.onChange(change);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
