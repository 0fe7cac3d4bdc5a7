/**
 * What a step sees and writes within its MongoDB transaction. Writes are held back and sent as one batch per view, at the
 * end or before a search that must find them; reads by id are answered from what is held back first.
 */
import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import { frozenCopy } from '../frozen-copy.ts';
import type { Doc, Find, ViewStep } from '../view-store.ts';
import type { Gains } from './collections.ts';
import { documentsByIds, searched } from './reads.ts';

interface ViewWrites {
  /** All that this step has written; null: removed. */
  readonly written: Map<string, Doc | null>;
  /** Ids of those not yet sent. */
  readonly unsent: Set<string>;
}

export class MongoStep implements ViewStep {
  readonly #session: ClientSession;
  readonly #collection: (view: string) => Collection<Doc>;
  readonly #views = new Map<string, ViewWrites>();
  readonly #gains: Record<string, number> = {};
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: ClientSession, collection: (view: string) => Collection<Doc>) {
    this.#session = session;
    this.#collection = collection;
  }

  /** How many documents each view has gained by what has been sent. */
  get gains(): Gains {
    return this.#gains;
  }

  get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    return this.#inTurn(async () => {
      const { written } = this.#writes(view);
      const unwritten = ids.filter((id) => !written.has(id));
      const stored = await documentsByIds<D>(this.#collection(view), unwritten, { session: this.#session });
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
      return searched<D>(this.#collection(view), find, { session: this.#session });
    });
  }

  async put(view: string, docs: readonly Doc[]): Promise<void> {
    for (const doc of docs) this.#write(view, doc._id, frozenCopy(doc));
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
    const writes = this.#views.get(view) ?? { written: new Map(), unsent: new Set() };
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
    const { written, unsent } = this.#writes(view);
    if (unsent.size === 0) return;
    const operations = [...unsent].map((id): AnyBulkWriteOperation<Doc> => {
      const doc = written.get(id) ?? null;
      if (doc === null) return { deleteOne: { filter: { _id: id } } };
      return { replaceOne: { filter: { _id: id }, replacement: doc, upsert: true } };
    });
    unsent.clear();
    const options = { session: this.#session, ordered: false };
    const { upsertedCount, deletedCount } = await this.#collection(view).bulkWrite(operations, options);
    this.#gains[view] = (this.#gains[view] ?? 0) + upsertedCount - deletedCount;
  }

  /** A session takes one operation at a time, whatever its user does in parallel. */
  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#last.then(operation);
    this.#last = result.catch(() => {});
    return result;
  }
}
