/** The views as they are being served, in whatever way they can be read from here. */
import type { EventLog, Position } from '../log/event-log.ts';
import { aggregateViews, FAN_OUTS, PRODUCT_CUSTOMERS } from '../projectors/documents.ts';
import { STATE_TOPICS } from '../records/topics.ts';
import type { Doc, ViewStore } from '../views/view-store.ts';

export interface LiveViews {
  /** Those that can be read. */
  readonly views: readonly string[];
  /** How far the views are, where they tell. */
  positions?(): Promise<readonly Position[]>;
  /** How many renames purchases are yet to show, where they tell. */
  fanOuts?(): Promise<number>;
  /** Every document once, as `shown`, in batches. */
  pages(view: string): AsyncIterable<ReadonlyMap<string, unknown>>;
  get(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, unknown>>;
  /** What this way of reading shows of a document; undefined: nothing. */
  shown(view: string, doc: Doc): unknown;
}

/** Views in a store that this process can open. */
export function viewsInStore(store: ViewStore, log: EventLog): LiveViews {
  const shownById = (view: string, docs: Iterable<Doc>): ReadonlyMap<string, unknown> =>
    new Map([...docs].flatMap((doc) => (shown(view, doc) === undefined ? [] : [[doc._id, shown(view, doc)]])));
  return {
    views: [...aggregateViews.map(({ name }) => name), PRODUCT_CUSTOMERS],
    async positions() {
      const ends = await log.ends(STATE_TOPICS);
      return await Promise.all(
        ends.map(async ({ topic, partition }) => ({
          topic,
          partition,
          offset: await store.position(topic, partition),
        })),
      );
    },
    fanOuts: () => store.count(FAN_OUTS, {}),
    async *pages(view) {
      for await (const docs of documentsOf(store, view)) yield shownById(view, docs);
    },
    get: async (view, ids) => shownById(view, (await store.get(view, ids)).values()),
    shown,
  };
}

function shown(view: string, doc: Doc): unknown {
  // A pair whose count has come back to 0 is left out, like one that never was.
  return view === PRODUCT_CUSTOMERS && 'count' in doc && doc.count === 0 ? undefined : doc;
}

/** Every document of a view in order of id, in batches. */
export async function* documentsOf(store: ViewStore, view: string): AsyncIterable<readonly Doc[]> {
  const limit = 1000;
  for (let after: readonly [string] | undefined; ; ) {
    const docs = await store.find(view, { sort: [], limit, ...(after === undefined ? {} : { after }) });
    if (docs.length > 0) yield docs;
    const last = docs.at(-1);
    if (last === undefined || docs.length < limit) return;
    after = [last._id];
  }
}
