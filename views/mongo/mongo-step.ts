/**
 * What a step sees and writes within its MongoDB transaction. Writes are held back and sent as one batch per view, at the
 * end or before a search that must find them; reads by id are answered from what is held back first.
 */
import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import { TimeSlice } from '../../waiting/time-slice.ts';
import { frozenCopy } from '../frozen-copy.ts';
import type { Doc, Find, ViewStep } from '../view-store.ts';
import type { Gains } from './collections.ts';
import { type Kept, TotalsChange } from './kept-totals.ts';
import { documentsByIds, searched } from './reads.ts';

/** The driver makes the bytes of a request in one go: of so many documents in some 10 ms. */
const SENT_AT_ONCE = 500;

interface ViewWrites {
  /** All that this step has written; null: removed. */
  readonly written: Map<string, Doc | null>;
  /** Ids of those not yet sent. */
  readonly unsent: Set<string>;
  /** What stands in the database, as far as the step has looked; null: nothing, so that it is inserted, which costs less. */
  readonly stored: Map<string, Doc | null>;
}

export class MongoStep implements ViewStep {
  readonly #session: ClientSession;
  readonly #collection: (view: string) => Collection<Doc>;
  readonly #views = new Map<string, ViewWrites>();
  readonly #gains: Record<string, number> = {};
  readonly #totals: ReadonlyMap<string, TotalsChange>;
  #last: Promise<unknown> = Promise.resolve();

  /** @param kept the views whose totals are kept */
  constructor(session: ClientSession, collection: (view: string) => Collection<Doc>, kept: readonly Kept[]) {
    this.#session = session;
    this.#collection = collection;
    this.#totals = new Map(kept.map((each) => [each.view, new TotalsChange(each)]));
  }

  /** How many documents each view has gained by what has been sent. */
  get gains(): Gains {
    return this.#gains;
  }

  /** By how much what has been sent changes the totals that are kept. */
  get totals(): Iterable<TotalsChange> {
    return this.#totals.values();
  }

  get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    return this.#inTurn(async () => {
      const { written } = this.#writes(view);
      const unwritten = ids.filter((id) => !written.has(id));
      const stored = await documentsByIds<D>(this.#collection(view), unwritten, { session: this.#session });
      this.#know(view, unwritten, stored);
      const found = new Map<string, D>();
      for (const id of ids) {
        const doc = written.has(id) ? written.get(id) : stored.get(id);
        if (doc !== undefined && doc !== null) found.set(id, doc as D);
      }
      return found;
    });
  }

  find<D extends Doc>(view: string, find: Find): Promise<readonly D[]> {
    return this.#inTurn(async () => {
      await this.#send(view);
      const found = await searched<D>(this.#collection(view), find, { session: this.#session });
      const byId = new Map(found.map((doc) => [doc._id, doc]));
      this.#know(view, [...byId.keys()], byId);
      return found;
    });
  }

  async put(view: string, docs: readonly Doc[]): Promise<void> {
    const slice = new TimeSlice();
    for (const doc of docs) {
      if (slice.over()) await slice.next();
      this.#write(view, doc._id, frozenCopy(doc));
    }
  }

  async remove(view: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#write(view, id, null);
  }

  flush(): Promise<void> {
    return this.#inTurn(async () => {
      for (const view of this.#views.keys()) await this.#send(view);
    });
  }

  #writes(view: string): ViewWrites {
    const writes = this.#views.get(view) ?? {
      written: new Map(),
      unsent: new Set(),
      stored: new Map(),
    };
    this.#views.set(view, writes);
    return writes;
  }

  #write(view: string, id: string, doc: Doc | null): void {
    this.#collection(view);
    const { written, unsent } = this.#writes(view);
    written.set(id, doc);
    unsent.add(id);
  }

  async #send(view: string): Promise<void> {
    const { written, unsent, stored } = this.#writes(view);
    if (unsent.size === 0) return;
    await this.#countInto(this.#totals.get(view), view, [...unsent]);
    const operations = [...unsent].map((id): AnyBulkWriteOperation<Doc> => {
      const [before, doc] = [stored.get(id), written.get(id) ?? null];
      stored.set(id, doc);
      if (doc === null) return { deleteOne: { filter: { _id: id } } };
      if (before === null) return { insertOne: { document: doc } };
      return { replaceOne: { filter: { _id: id }, replacement: doc, upsert: true } };
    });
    unsent.clear();
    const options = { session: this.#session, ordered: false };
    for (let at = 0; at < operations.length; at += SENT_AT_ONCE) {
      const some = operations.slice(at, at + SENT_AT_ONCE);
      const { insertedCount, upsertedCount, deletedCount } = await this.#collection(view).bulkWrite(some, options);
      this.#gains[view] = (this.#gains[view] ?? 0) + insertedCount + upsertedCount - deletedCount;
    }
  }

  #know(view: string, ids: readonly string[], found: ReadonlyMap<string, Doc>): void {
    const { stored } = this.#writes(view);
    for (const id of ids) stored.set(id, found.get(id) ?? null);
  }

  /** What these documents change, once they take the place of what is stored. */
  async #countInto(change: TotalsChange | undefined, view: string, ids: readonly string[]): Promise<void> {
    if (change === undefined) return;
    const { written, stored } = this.#writes(view);
    const unknown = ids.filter((id) => !stored.has(id));
    this.#know(view, unknown, await documentsByIds(this.#collection(view), unknown, { session: this.#session }));
    for (const id of ids) change.replaced(stored.get(id) ?? null, written.get(id) ?? null);
  }

  /** A session takes one operation at a time, whatever its user does in parallel. */
  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#last.then(operation);
    this.#last = result.catch(() => {});
    return result;
  }
}
