/**
 * What became of the commands an import has sent: told by a subscription that is opened before the first one, and asked
 * for one by one when it has been silent for a while (it was opened too late, or was interrupted).
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Executor } from './executor.ts';
import { type ImportedTransaction, lookUp, ownTransactions } from './operations.ts';
import { patiently } from './patiently.ts';

const SILENCE_MS = 400;
const AT_ONCE = 50;

interface Waiting {
  resolve(transaction: ImportedTransaction): void;
}

export class Outcomes {
  readonly #executor: Executor;
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<string, Waiting>();
  /** Final statuses that came before the mutation's own answer. */
  readonly #early = new Map<string, ImportedTransaction>();
  #lastNews = 0;

  constructor(executor: Executor, signal: AbortSignal) {
    this.#executor = executor;
    this.#signal = signal;
  }

  /** Runs until `signal`. @throws {OperationFailed} when the server refuses to tell */
  async follow(): Promise<void> {
    await Promise.all([this.#listen(), this.#ask()]);
  }

  /** Resolves with the transaction once it is final. */
  final(transaction: ImportedTransaction): Promise<ImportedTransaction> {
    const known = isFinal(transaction) ? transaction : this.#early.get(transaction.id);
    if (known !== undefined) {
      this.#early.delete(transaction.id);
      return Promise.resolve(known);
    }
    return new Promise((resolve) => this.#waiting.set(transaction.id, { resolve }));
  }

  async #listen(): Promise<void> {
    for await (const { transactions } of this.#executor.subscribe(ownTransactions, {}, this.#signal)) {
      this.#learn(transactions);
    }
  }

  async #ask(): Promise<void> {
    while (!this.#signal.aborted) {
      await pause(SILENCE_MS, undefined, { signal: this.#signal }).catch(() => undefined);
      if (Date.now() - this.#lastNews < SILENCE_MS) continue;
      const ids = [...this.#waiting.keys()];
      for (let from = 0; from < ids.length && !this.#signal.aborted; from += AT_ONCE) {
        const { operation, variables } = lookUp(ids.slice(from, from + AT_ONCE));
        const found = await patiently(() => this.#executor.execute(operation, variables), this.#signal);
        for (const transaction of found) if (transaction !== null) this.#learn(transaction);
      }
    }
  }

  #learn(transaction: ImportedTransaction): void {
    if (!isFinal(transaction)) return;
    this.#lastNews = Date.now();
    const waiting = this.#waiting.get(transaction.id);
    if (waiting === undefined) this.#early.set(transaction.id, transaction);
    else {
      this.#waiting.delete(transaction.id);
      waiting.resolve(transaction);
    }
  }
}

function isFinal({ status }: ImportedTransaction): boolean {
  return status === 'COMPLETED' || status === 'REJECTED';
}
