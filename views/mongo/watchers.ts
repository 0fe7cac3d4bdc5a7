/** Those who watch views, and the change streams that tell them: one for each view, however many watch it. */
import type { ChangeStreamDocument, Collection, Timestamp } from 'mongodb';
import { isolated } from '../isolated.ts';
import type { Change, Doc } from '../view-store.ts';
import { ChangeFeed, type FeedOptions } from './change-feed.ts';

interface Watcher {
  readonly views: ReadonlySet<string>;
  /** Changes up to this time were committed before it began to watch. */
  readonly since: Timestamp;
  readonly onChange: (change: Change) => void;
  readonly onGap: () => void;
}

export interface WatchersOptions extends Pick<FeedOptions<Doc>, 'db' | 'timeoutMs' | 'onTrouble'> {
  /** Asked at each start of a stream, so that a restarted one may follow another generation's collection. */
  collection(view: string): Collection<Doc>;
  /** Whether the documents are read at all: while they are being filled in, their changes are told to nobody. */
  readable(): boolean;
}

export class Watchers {
  readonly #options: WatchersOptions;
  readonly #feeds = new Map<string, ChangeFeed<Doc>>();
  readonly #watchers = new Set<Watcher>();

  constructor(options: WatchersOptions) {
    this.#options = options;
  }

  /** Tells every change that commits after `since`. Returns what ends it. */
  add(views: readonly string[], since: Timestamp, onChange: (change: Change) => void, onGap: () => void): () => void {
    const watcher: Watcher = { views: new Set(views), since, onChange, onGap };
    this.#watchers.add(watcher);
    for (const view of watcher.views) {
      if (!this.#feeds.has(view)) this.#feeds.set(view, this.#feed(view, since));
    }
    return () => {
      this.#watchers.delete(watcher);
      for (const view of watcher.views) {
        if (this.#of(view).length > 0) continue;
        this.#feeds.get(view)?.close();
        this.#feeds.delete(view);
      }
    };
  }

  /** Changes were not told: everyone has to read again. */
  gap(): void {
    for (const { onGap } of [...this.#watchers]) isolated(onGap);
  }

  /** Begins anew with the collections there are now, as after a gap. */
  restart(): void {
    for (const feed of this.#feeds.values()) feed.restart();
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    this.#watchers.clear();
  }

  #feed(view: string, since: Timestamp): ChangeFeed<Doc> {
    const { collection, readable: _, ...options } = this.#options;
    return ChangeFeed.since<Doc>(since, {
      ...options,
      collection: () => collection(view),
      onEvent: (event) => this.#deliver(view, event),
      onGap: () => {
        for (const { onGap } of this.#of(view)) isolated(onGap);
      },
    });
  }

  #deliver(view: string, event: ChangeStreamDocument<Doc>): void {
    if (!this.#options.readable()) return;
    let change: Change;
    // Documents are only ever replaced whole, so the events carry them.
    if (event.operationType === 'insert' || event.operationType === 'replace') {
      change = { view, id: event.documentKey._id, doc: event.fullDocument };
    } else if (event.operationType === 'delete') change = { view, id: event.documentKey._id, doc: null };
    else return;
    for (const { since, onChange } of this.#of(view)) {
      if (event.clusterTime === undefined || event.clusterTime.gt(since)) isolated(() => onChange(change));
    }
  }

  #of(view: string): readonly Watcher[] {
    return [...this.#watchers].filter((watcher) => watcher.views.has(view));
  }
}
