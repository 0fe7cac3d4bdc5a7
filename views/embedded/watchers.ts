/** Who watches the views, and is told of each change. */
import { frozenCopy } from '../frozen-copy.ts';
import { isolated } from '../isolated.ts';
import type { Change, Doc } from '../view-store.ts';
import { documentIn, type Written } from './staged-step.ts';

interface Watcher {
  readonly views: ReadonlySet<string>;
  readonly onChange: (change: Change) => void;
  readonly onGap: () => void;
}

export class Watchers {
  readonly #watchers = new Set<Watcher>();

  /** Returns what ends it. */
  add(views: readonly string[], onChange: (change: Change) => void, onGap: () => void): () => void {
    const watcher: Watcher = { views: new Set(views), onChange, onGap };
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
      for (const watcher of told) isolated(() => watcher.onChange(change));
    }
  }

  /** Changes were not told: everyone has to read again. */
  gap(): void {
    for (const { onGap } of [...this.#watchers]) isolated(onGap);
  }

  clear(): void {
    this.#watchers.clear();
  }
}
