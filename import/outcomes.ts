/**
 * What became of the commands an import has sent. A subscription tells, which is opened before the first of them. What it may
 * have missed (it was opened too late, or was interrupted) is asked for: all when it has been silent for a while, and always
 * what has been waited for long.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Executor, OperationFailed } from './executor.ts';
import { type ImportedTransaction, LOOKED_UP_AT_ONCE, ownTransactions, transactionsByIds } from './operations.ts';
import { comesAgain, type Patience, patiently } from './patiently.ts';

const SILENCE_MS = 400;
const LONG_MS = 5000;
/** What ended before anybody waited for it: kept until so many others have. The subscription tells of other work too. */
const MOST_EARLY = 10_000;

interface Waiting {
  readonly since: number;
  /** Several may wait for one transaction: the same command given twice. */
  readonly resolve: ((transaction: ImportedTransaction) => void)[];
}

export class Outcomes {
  readonly #executor: Executor;
  readonly #patience: Patience;
  readonly #waiting = new Map<string, Waiting>();
  /** Final statuses that came before the mutation's own answer, oldest first. */
  readonly #early = new Map<string, ImportedTransaction>();
  #lastNews = 0;

  constructor(executor: Executor, patience: Patience) {
    this.#executor = executor;
    this.#patience = patience;
  }

  /** Runs until the signal is aborted. @throws {OperationFailed} when the server refuses to tell */
  async follow(): Promise<void> {
    await Promise.all([this.#listen(), this.#ask()]);
  }

  /** Resolves with the transaction once it is final. */
  final(transaction: ImportedTransaction): Promise<ImportedTransaction> {
    const known = isFinal(transaction) ? transaction : this.#early.get(transaction.id);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(transaction.id);
      if (waiting !== undefined) waiting.resolve.push(resolve);
      else this.#waiting.set(transaction.id, { since: Date.now(), resolve: [resolve] });
    });
  }

  async #listen(): Promise<void> {
    const { signal } = this.#patience;
    while (!signal.aborted) {
      try {
        for await (const { transactions } of this.#executor.subscribe(ownTransactions, {}, signal)) {
          this.#learn(transactions);
        }
      } catch (error) {
        // What is missed in between is asked for.
        if (!(error instanceof OperationFailed) || !listensAgain(error)) throw error;
      }
      await pauseUntil(SILENCE_MS, signal);
    }
  }

  async #ask(): Promise<void> {
    const { signal } = this.#patience;
    while (!signal.aborted) {
      await pauseUntil(SILENCE_MS, signal);
      const now = Date.now();
      const silent = now - this.#lastNews >= SILENCE_MS;
      const ids = [...this.#waiting].filter(([, { since }]) => silent || now - since >= LONG_MS).map(([id]) => id);
      for (let from = 0; from < ids.length && !signal.aborted; from += LOOKED_UP_AT_ONCE) {
        const { operation, variables } = transactionsByIds(ids.slice(from, from + LOOKED_UP_AT_ONCE));
        const found = await patiently(() => this.#executor.execute(operation, variables), this.#patience);
        for (const transaction of found) if (transaction !== null) this.#learn(transaction);
      }
    }
  }

  #learn(transaction: ImportedTransaction): void {
    if (!isFinal(transaction)) return;
    this.#lastNews = Date.now();
    const waiting = this.#waiting.get(transaction.id);
    if (waiting === undefined) this.#keep(transaction);
    this.#waiting.delete(transaction.id);
    for (const resolve of waiting?.resolve ?? []) resolve(transaction);
  }

  #keep(transaction: ImportedTransaction): void {
    this.#early.set(transaction.id, transaction);
    if (this.#early.size <= MOST_EARLY) return;
    for (const id of this.#early.keys()) {
      this.#early.delete(id);
      return;
    }
  }
}

function isFinal({ status }: ImportedTransaction): boolean {
  return status === 'COMPLETED' || status === 'REJECTED';
}

/** Whether a subscription that ended with this may be opened again: its reader was too slow, or the server is not there. */
function listensAgain({ code }: OperationFailed): boolean {
  return code === undefined || code === 'RESUBSCRIBE' || comesAgain(code);
}

async function pauseUntil(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
