/**
 * Brings a shop's rows in as a client would, through GraphQL: customers and products, then the orders in order of date, then
 * what is discontinued. Each row is compared with what the shop has: what is not there is created, what is different is
 * changed, and for the rest there is nothing to do. So a run that was cut short is taken up by the next one, a second run of
 * the same files changes nothing, and one of corrected files changes what was corrected.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { unlessAborted } from '../waiting/within.ts';
import { bringCustomer } from './bring-customer.ts';
import { bringOrder } from './bring-order.ts';
import { bringProduct, discontinue } from './bring-product.ts';
import { CommandSender } from './command-sender.ts';
import { EntityIds } from './entity-ids.ts';
import { type Executor, OperationFailed, Unreachable } from './executor.ts';
import { ImportFailed, ImportStopped } from './failure.ts';
import { viewer as askViewer } from './operations.ts';
import { Outcomes } from './outcomes.ts';
import { comesAgain, type Patience, patiently } from './patiently.ts';
import type { Bringing, RowOutcome } from './row-outcome.ts';
import type { ShopData, ShopProduct } from './shop-data.ts';
import { shopNow } from './shop-now.ts';
import { Counts, type ImportPhase, type ImportSummary, type ImportTally } from './tally.ts';

/** `history`: what the orders need and `unitsInStock` on top; `published`: `unitsInStock` alone, so most are rejected. */
export type StockToBeginWith = 'history' | 'published';

export interface ImportOptions {
  readonly executor: Executor;
  readonly data: ShopData;
  readonly stock?: StockToBeginWith;
  /** false: what is in the shop already stays as it is, and differences are told. Default true. */
  readonly update?: boolean;
  /** Requests with commands under way at once, each of up to 100. Default 4. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  onTally?(tally: ImportTally): void;
}

/** Rows under way at once: memory stays the same however many there are. */
const WINDOW = 1000;

type RowPhase = Exclude<ImportPhase, 'done'>;

interface Row {
  readonly id: string;
  readonly fileAndLine: string;
}

const ROW_OF: Readonly<Record<RowPhase, string>> = {
  customers: 'customer',
  products: 'product',
  purchases: 'order',
  discontinuing: 'product',
};

/**
 * Waits for as long as it takes while the server is out of reach, and says so in the tally.
 * @throws {ImportFailed} in one line; run it again to go on where it stopped
 */
export async function runImport(options: ImportOptions): Promise<ImportSummary> {
  const ended = new AbortController();
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]);
  // Each row that waits listens to it.
  setMaxListeners(0, signal);
  try {
    return await new ImportRun(options, signal).all();
  } catch (error) {
    if (options.signal?.aborted) throw new ImportStopped();
    throw told(error);
  } finally {
    ended.abort();
  }
}

class ImportRun {
  readonly #options: ImportOptions;
  readonly #signal: AbortSignal;
  readonly #patience: Patience;
  readonly #counts = new Counts();
  readonly #ids: EntityIds;
  /** Products that this run has brought about and that are to be discontinued. */
  readonly #createdToDiscontinue = new Set<string>();
  #tally: ImportTally = { phase: 'customers', done: 0, total: 0, confirmed: 0, rejected: 0, waitingFor: null };

  constructor(options: ImportOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#ids = new EntityIds(options.data.dataSet);
    this.#patience = { signal, onWaiting: (why) => this.#waiting(why ?? null) };
  }

  async all(): Promise<ImportSummary> {
    const { executor, data } = this.#options;
    const begun = performance.now();
    const { viewer } = await this.#firstAnswer();
    if (!viewer.isAdmin) throw new ImportFailed(`${viewer.id} may not import: it takes an admin's --token`);
    const outcomes = new Outcomes(executor, this.#patience);
    const bringing = this.#bringing(outcomes);
    // When the subscription fails, so does the import: nothing else tells how the commands end.
    const following = outcomes.follow();
    const failed = following.then(() => new Promise<never>(() => undefined));
    failed.catch(() => undefined);
    await unlessAborted(Promise.race([this.#phases(data, bringing), failed]), this.#signal);
    this.#advance({ phase: 'done' });
    const { there, updated, fresh, rejections, conflicts, problems } = this.#counts;
    const { customers, products, discontinuing: discontinued } = there;
    const ms = performance.now() - begun;
    const counts = { customers, products, discontinued, updated, fresh, rejections, conflicts, problems };
    return { ...this.#tally, ...counts, ms };
  }

  /** A server that starts is waited for; one that is not there is more likely a wrong address. */
  async #firstAnswer(): Promise<{ viewer: { id: string; isAdmin: boolean } }> {
    const { executor } = this.#options;
    try {
      return await executor.execute(askViewer);
    } catch (error) {
      if (!(error instanceof OperationFailed) || !comesAgain(error.code)) throw error;
      return await patiently(() => executor.execute(askViewer), this.#patience);
    }
  }

  #bringing(outcomes: Outcomes): Bringing {
    const { executor, concurrency = 4, update = true } = this.#options;
    const startedAt = executor.now();
    const commands = new CommandSender({ ...this.#patience, executor, outcomes, concurrency, startedAt });
    return {
      ids: this.#ids,
      shop: shopNow(executor, this.#patience),
      give: async (command) => {
        const ended = await commands.give(command);
        if (ended.isNew) this.#counts.fresh++;
        return ended;
      },
      update,
      signal: this.#signal,
      run: randomUUID(),
    };
  }

  async #phases(data: ShopData, bringing: Bringing): Promise<void> {
    const { customers, products, orders } = data.counts;
    let discontinued = 0;
    for (const product of data.products()) if (product.discontinued) discontinued++;
    this.#advance({ total: customers + products + orders + discontinued });

    await this.#phase('customers', data.customers(), (row) => bringCustomer(row, bringing));
    const ordered = this.#options.stock === 'published' ? new Map<string, number>() : data.unitsOrdered();
    const noStock = new Set(ordered.keys());
    await this.#phase('products', data.products(), async (row) => {
      // Whose stock is not known gets what is ordered with each order: see `bring-order.ts`.
      const ordering = row.onlyIfNew ? 0 : (ordered.get(row.id) ?? 0);
      if (!row.onlyIfNew) noStock.delete(row.id);
      const { unitsInStock } = row;
      const keep = this.#options.stock === 'published' && unitsInStock !== undefined ? 0 : unitsInStock;
      const outcome = await bringProduct(row, { total: (unitsInStock ?? 0) + ordering, keep }, bringing);
      if (outcome.created && row.discontinued) this.#createdToDiscontinue.add(row.id);
      return outcome;
    });
    await this.#phase('purchases', data.orders(), async (row) => {
      const outcome = await bringOrder(row, (productId) => noStock.has(productId), bringing);
      const { confirmed, rejected } = this.#tally;
      if (outcome.confirmed) this.#advance({ confirmed: confirmed + 1 });
      else if (!outcome.there) this.#advance({ rejected: rejected + 1 });
      return outcome;
    });
    await this.#phase('discontinuing', discontinuedOf(data), (row) =>
      discontinue(row, this.#createdToDiscontinue.has(row.id), bringing),
    );
  }

  /** Brings the rows in, in their order, so many at a time, and waits for what becomes of each. */
  async #phase<R extends Row>(
    phase: RowPhase,
    rows: Iterable<R>,
    bring: (row: R) => Promise<RowOutcome>,
  ): Promise<void> {
    this.#advance({ phase });
    const iterator = rows[Symbol.iterator]();
    const rest: Iterable<R> = { [Symbol.iterator]: () => iterator };
    const lane = async (): Promise<void> => {
      for (const row of rest) {
        this.#signal.throwIfAborted();
        const outcome = await bring(row);
        this.#counts.add(phase, { fileAndLine: row.fileAndLine, row: `${ROW_OF[phase]} ${row.id}` }, outcome);
        this.#advance({ done: this.#tally.done + 1 });
      }
    };
    await Promise.all(Array.from({ length: WINDOW }, lane));
  }

  #waiting(why: string | null): void {
    if (why !== this.#tally.waitingFor) this.#advance({ waitingFor: why });
  }

  #advance(change: Partial<ImportTally>): void {
    this.#tally = { ...this.#tally, ...change };
    this.#options.onTally?.(this.#tally);
  }
}

function* discontinuedOf(data: ShopData): Iterable<ShopProduct> {
  for (const product of data.products()) if (product.discontinued) yield product;
}

function told(error: unknown): unknown {
  if (error instanceof Unreachable) {
    return new ImportFailed(`${error.message}; start it with \`npm start\`, or say where it is with --url`, {
      cause: error,
    });
  }
  if (error instanceof OperationFailed)
    return new ImportFailed(`the server refused: ${error.message}`, { cause: error });
  return error;
}
