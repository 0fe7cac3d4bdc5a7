/**
 * Brings samples in as a client would, through GraphQL: customers and products, then the orders in order of date, then
 * what is discontinued. Every command has an idempotency key of its own, so a run that was cut short is taken up by the
 * next one, and a second run changes nothing.
 */

import { type Executor, type Operation, OperationFailed, Unreachable, type Variables } from './executor.ts';
import { ImportFailed, ImportStopped } from './failure.ts';
import * as operations from './operations.ts';
import { Outcomes } from './outcomes.ts';
import { patiently } from './patiently.ts';
import { type Samples, unitsOrdered } from './samples.ts';

/** `history`: what the orders need and `unitsInStock` on top; `published`: `unitsInStock` alone, so most are rejected. */
export type StockToBeginWith = 'history' | 'published';

export type ImportPhase = 'customers' | 'products' | 'purchases' | 'discontinuing' | 'done';

export interface ImportTally {
  readonly phase: ImportPhase;
  /** Commands accepted, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Purchases by how they ended. */
  readonly confirmed: number;
  readonly rejected: number;
}

export interface ImportSummary extends ImportTally {
  readonly customers: number;
  readonly products: number;
  readonly discontinued: number;
  /** Commands that this run was the first to bring. */
  readonly fresh: number;
  /** Commands rejected, by the rejection's code. */
  readonly rejections: ReadonlyMap<string, number>;
  readonly ms: number;
}

export interface ImportOptions {
  readonly executor: Executor;
  readonly samples: Samples;
  readonly stock?: StockToBeginWith;
  /** Requests under way at once. Default 64. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  onTally?(tally: ImportTally): void;
}

interface Command {
  readonly fileAndLine: string;
  readonly operation: Operation<{ receipt: operations.ImportReceipt }>;
  readonly input: Variables & { readonly idempotencyKey: string };
}

/** @throws {ImportFailed} in one line; run it again to go on where it stopped */
export async function runImport(options: ImportOptions): Promise<ImportSummary> {
  const ended = new AbortController();
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]);
  const run = new ImportRun(options, signal);
  try {
    return await run.all();
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
  readonly #outcomes: Outcomes;
  readonly #rejections = new Map<string, number>();
  readonly #completed = { customers: 0, products: 0, purchases: 0, discontinuing: 0, done: 0 };
  #tally: ImportTally;
  #fresh = 0;
  #startedAt = 0;

  constructor(options: ImportOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#outcomes = new Outcomes(options.executor, signal);
    const { customers, products, orders } = options.samples;
    const discontinued = products.filter((product) => product.discontinued).length;
    const total = customers.length + products.length + orders.length + discontinued;
    this.#tally = { phase: 'customers', done: 0, total, confirmed: 0, rejected: 0 };
  }

  async all(): Promise<ImportSummary> {
    const { executor, samples } = this.#options;
    const begun = performance.now();
    const { viewer } = await executor.execute(operations.viewer);
    if (!viewer.isAdmin) throw new ImportFailed(`${viewer.id} may not import: it takes an admin's --token`);
    this.#startedAt = executor.now();
    // When the subscription fails, so does the import: nothing else tells how the commands end.
    const following = this.#outcomes.follow();
    const failed = following.then(() => new Promise<never>(() => undefined));
    failed.catch(() => undefined);
    await Promise.race([this.#phases(samples), failed]);
    this.#advance({ phase: 'done' });
    const { customers, products, discontinuing: discontinued } = this.#completed;
    const ms = performance.now() - begun;
    return {
      ...this.#tally,
      customers,
      products,
      discontinued,
      fresh: this.#fresh,
      rejections: this.#rejections,
      ms,
    };
  }

  async #phases(samples: Samples): Promise<void> {
    await this.#phase('customers', customersOf(samples));
    await this.#phase('products', productsOf(samples, this.#options.stock ?? 'history'));
    await this.#phase('purchases', purchasesOf(samples));
    await this.#phase('discontinuing', discontinuedOf(samples));
  }

  /** Sends the commands in their order, `concurrency` at a time, and waits for the final status of each. */
  async #phase(phase: Exclude<ImportPhase, 'done'>, commands: readonly Command[]): Promise<void> {
    this.#advance({ phase });
    const ends: Promise<void>[] = [];
    const rest = commands.values();
    const sender = async (): Promise<void> => {
      for (const command of rest) ends.push(this.#ended(phase, await this.#send(command)));
    };
    await Promise.all(Array.from({ length: this.#options.concurrency ?? 64 }, sender));
    await Promise.all(ends);
  }

  async #send({ fileAndLine, operation, input }: Command): Promise<operations.ImportedTransaction> {
    const { executor } = this.#options;
    this.#signal.throwIfAborted();
    try {
      const { receipt } = await patiently(() => executor.execute(operation, { input }), this.#signal);
      if (Date.parse(receipt.acceptedAt) >= this.#startedAt) this.#fresh++;
      this.#advance({ done: this.#tally.done + 1 });
      return receipt.transaction;
    } catch (error) {
      if (error instanceof OperationFailed && error.code === 'BAD_USER_INPUT') {
        throw new ImportFailed(`${fileAndLine}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }

  async #ended(phase: Exclude<ImportPhase, 'done'>, sent: operations.ImportedTransaction): Promise<void> {
    const { status, rejection } = await this.#outcomes.final(sent);
    const { confirmed, rejected } = this.#tally;
    if (status === 'COMPLETED') {
      this.#completed[phase]++;
      if (phase === 'purchases') this.#advance({ confirmed: confirmed + 1 });
      return;
    }
    const code = rejection?.code ?? 'UNKNOWN';
    this.#rejections.set(code, (this.#rejections.get(code) ?? 0) + 1);
    if (phase === 'purchases') this.#advance({ rejected: rejected + 1 });
  }

  #advance(change: Partial<ImportTally>): void {
    this.#tally = { ...this.#tally, ...change };
    this.#options.onTally?.(this.#tally);
  }
}

function customersOf({ customers }: Samples): readonly Command[] {
  return customers.map(({ fileAndLine, id, firstName, lastName }) => ({
    fileAndLine,
    operation: operations.registerCustomer,
    input: { id, firstName, lastName, idempotencyKey: `northwind/customer/${id}` },
  }));
}

function productsOf(samples: Samples, stockToBeginWith: StockToBeginWith): readonly Command[] {
  const ordered = unitsOrdered(samples);
  return samples.products.map(({ fileAndLine, id, name, price, unitsInStock }) => {
    const stock = unitsInStock + (stockToBeginWith === 'history' ? (ordered.get(id) ?? 0) : 0);
    return {
      fileAndLine,
      operation: operations.addProduct,
      input: { id, name, price, stock, idempotencyKey: `northwind/product/${id}` },
    };
  });
}

function purchasesOf({ orders }: Samples): readonly Command[] {
  return orders.map(({ fileAndLine, ...order }) => ({
    fileAndLine,
    operation: operations.placePurchase,
    input: { ...order, idempotencyKey: `northwind/order/${order.id}` },
  }));
}

function discontinuedOf({ products }: Samples): readonly Command[] {
  const discontinued = products.filter((product) => product.discontinued);
  return discontinued.map(({ fileAndLine, id }) => ({
    fileAndLine,
    operation: operations.discontinueProduct,
    input: { productId: id, idempotencyKey: `northwind/product/${id}/discontinued` },
  }));
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
