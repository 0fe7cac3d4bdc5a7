/**
 * How much of the gateway's one thread an asker may take: work is charged in milliseconds of processor time, measured where it
 * runs in one go (parsing, validation) and estimated where it does not (execution, from the operation's cost). Who has used up
 * its share waits for its turn, so that others need not wait for it. Rates count operations; they do not tell a cheap one from
 * one that takes a hundred times as long.
 */

/** Before anything is known of what is asked: a request over HTTP, a message on a WebSocket, in ms. */
export const [REQUEST_MS, MESSAGE_MS] = [1.5, 0.2];
/** What a KB of a body, a field of the cost estimate, and a command take, in ms. Measured as a process's time, `embedded`. */
export const KILOBYTE_MS = 0.0025;
const [FIELD_MS, COMMAND_MS] = [0.004, 1.3];
/** Who has been quiet may take so much at once; a debt is never larger, or one dear operation would shut its user out. */
const [BURST_MS, MOST_DEBT_MS] = [100, 400];
/** Of one asker; more only wait to be told to come back. */
const MOST_WAITING = 64;
/** Askers that are remembered. One that is forgotten begins anew. */
const MOST_KEPT = 50_000;

interface Waiter {
  readonly resolve: (turn: boolean) => void;
  timer: NodeJS.Timeout | undefined;
}

interface Account {
  /** Milliseconds; negative is a debt. */
  credit: number;
  /** When `credit` was right. */
  at: number;
  readonly waiting: Set<Waiter>;
  timer: NodeJS.Timeout | undefined;
}

/** What an operation's execution takes, in ms of processor time. @param commands that it may write */
export function workOf(cost: number, commands: number): number {
  return cost * FIELD_MS + commands * COMMAND_MS;
}

/** What who has used up its share is told. */
export function tooMuchWork(debtMs: number): { readonly message: string; readonly retryAfter: number } {
  const retryAfter = Math.max(1, Math.ceil(debtMs / 1000));
  return {
    message: `what this user asks for takes more than its share of the server: try again in ${retryAfter} s`,
    retryAfter,
  };
}

export class WorkBudget {
  readonly #percent: number;
  readonly #clock: () => number;
  readonly #accounts = new Map<string, Account>();

  /** @param percent of one processor core that each asker may take; 0: as much as it likes */
  constructor(percent: number, clock: () => number = () => performance.now()) {
    this.#percent = percent;
    this.#clock = clock;
  }

  /** @param asker undefined: nobody whose work is counted @param ms of processor time */
  charge(asker: string | undefined, ms: number): void {
    if (asker === undefined || this.#percent === 0) return;
    const account = this.#account(asker);
    account.credit = Math.max(-MOST_DEBT_MS, account.credit - ms);
  }

  /** How long until the asker has paid its debt, in ms. */
  debtMs(asker: string | undefined): number {
    if (asker === undefined || this.#percent === 0) return 0;
    return this.#untilPaid(this.#account(asker));
  }

  /**
   * Resolves with true when it is the asker's turn, in the order of asking; with false when it was not within so many ms.
   * Default: it waits for as long as it takes, which the largest debt bounds for each that waits before it.
   */
  turn(asker: string | undefined, withinMs?: number): Promise<boolean> {
    if (asker === undefined || this.#percent === 0) return Promise.resolve(true);
    const account = this.#account(asker);
    if (account.waiting.size === 0 && account.credit > 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = { resolve, timer: undefined };
      if (withinMs !== undefined) {
        waiter.timer = setTimeout(() => {
          account.waiting.delete(waiter);
          resolve(false);
        }, withinMs).unref();
        if (account.waiting.size >= MOST_WAITING) return;
      }
      account.waiting.add(waiter);
      this.#schedule(account);
    });
  }

  #account(asker: string): Account {
    const known = this.#accounts.get(asker);
    if (known !== undefined) return this.#refilled(known);
    const account: Account = { credit: BURST_MS, at: this.#clock(), waiting: new Set(), timer: undefined };
    this.#accounts.set(asker, account);
    this.#forget();
    return account;
  }

  #refilled(account: Account): Account {
    const now = this.#clock();
    account.credit = Math.min(BURST_MS, account.credit + ((now - account.at) * this.#percent) / 100);
    account.at = now;
    return account;
  }

  #untilPaid({ credit }: Account): number {
    return credit > 0 ? 0 : (-credit * 100) / this.#percent + 1;
  }

  #schedule(account: Account): void {
    if (account.timer !== undefined || account.waiting.size === 0) return;
    account.timer = setTimeout(() => {
      account.timer = undefined;
      this.#next(account);
    }, this.#untilPaid(account)).unref();
  }

  /** One at a time: what the first really takes is known only when it has run. */
  #next(account: Account): void {
    const [first] = account.waiting;
    if (first !== undefined && this.#refilled(account).credit > 0) {
      account.waiting.delete(first);
      clearTimeout(first.timer);
      first.resolve(true);
    }
    this.#schedule(account);
  }

  #forget(): void {
    if (this.#accounts.size <= MOST_KEPT) return;
    for (const [asker, { waiting }] of this.#accounts) {
      if (waiting.size > 0) continue;
      this.#accounts.delete(asker);
      return;
    }
  }
}
