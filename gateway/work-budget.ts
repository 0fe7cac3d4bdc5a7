/**
 * How much of the gateway's one thread an asker may take: work is charged in milliseconds of processor time, measured where it
 * runs in one go (parsing, validation) and estimated where it does not (execution, from the operation's cost). Who has used up
 * its share waits for its turn, so that others need not wait for it. Rates count operations; they do not tell a cheap one from
 * one that takes a hundred times as long.
 */

import type { GraphQLError } from 'graphql';
import { rateLimited } from './limits.ts';

/** Before anything is known of what is asked: a request over HTTP, a message on a WebSocket, in ms. */
export const [REQUEST_MS, MESSAGE_MS] = [1.5, 0.2];
/** What a KB of a body, a field of the cost estimate, and a command take, in ms. Measured as a process's time, `embedded`. */
export const KILOBYTE_MS = 0.0025;
const [FIELD_MS, COMMAND_MS] = [0.004, 1.3];
/** Who has been quiet may take so much at once; a debt is never larger, or one dear operation would shut its user out. */
const [BURST_MS, MOST_DEBT_MS] = [100, 400];
/** Of one asker; more only wait to be told to come back. */
const MOST_WAITING = 64;
/** What has begun and does not say that it has been charged, in ms: others of its asker do not wait for it any longer. */
const CHARGED_WITHIN_MS = 2_000;
/** Askers that are remembered. One that is forgotten begins anew. */
const MOST_KEPT = 50_000;

/** To be called when what has begun has been charged: the next of its asker may begin. */
export type Charged = () => void;

interface Waiter {
  readonly resolve: (begun: Charged | undefined) => void;
  timer: NodeJS.Timeout | undefined;
}

interface Account {
  /** Milliseconds; negative is a debt. */
  credit: number;
  /** When `credit` was right. */
  at: number;
  readonly waiting: Set<Waiter>;
  timer: NodeJS.Timeout | undefined;
  /** What has begun and is not charged yet, and since when. */
  begun: { readonly since: number } | undefined;
}

/** What an operation's execution takes, in ms of processor time; its commands are charged as they begin. */
export function workOf(cost: number): number {
  return cost * FIELD_MS;
}

/** What who has used up its share is told. */
export function tooMuchWork(debtMs: number): GraphQLError {
  const retryAfter = Math.max(1, Math.ceil(debtMs / 1000));
  return rateLimited('what this user asks for takes more than its share of the server', retryAfter);
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

  /** How many requests and messages of all askers wait for their turn. */
  get waiting(): number {
    let waiting = 0;
    for (const account of this.#accounts.values()) waiting += account.waiting.size;
    return waiting;
  }

  /** How long until the asker has paid its debt, in ms. */
  debtMs(asker: string | undefined): number {
    if (asker === undefined || this.#percent === 0) return 0;
    return this.#untilPaid(this.#account(asker));
  }

  /** Whether the asker may begin at once. */
  free(asker: string | undefined): boolean {
    if (asker === undefined || this.#percent === 0) return true;
    const account = this.#account(asker);
    return account.waiting.size === 0 && this.#untilFree(account) === 0;
  }

  /**
   * Resolves with true when it is the asker's turn, in the order of asking; with false when it was not within so many ms.
   * Default: it waits for as long as it takes, which the largest debt bounds for each that waits before it.
   */
  async turn(asker: string | undefined, withinMs?: number): Promise<boolean> {
    const charged = await this.begin(asker, withinMs);
    charged?.();
    return charged !== undefined;
  }

  /**
   * As `turn`, and nothing else of the asker begins until what is returned has been called: what an operation takes is known
   * only when it has been read, and of many that come at once each would begin before the first is charged. One of an asker
   * begins in a turn of the event loop, so that those of others are taken between them.
   */
  begin(asker: string | undefined, withinMs?: number): Promise<Charged | undefined> {
    if (asker === undefined || this.#percent === 0) return Promise.resolve(() => undefined);
    const account = this.#account(asker);
    if (account.waiting.size === 0 && this.#untilFree(account) === 0) return Promise.resolve(this.#begun(account));
    return new Promise((resolve) => {
      const waiter: Waiter = { resolve, timer: undefined };
      if (withinMs !== undefined) {
        this.#giveUp(account, waiter, withinMs);
        if (account.waiting.size >= MOST_WAITING) return;
      }
      account.waiting.add(waiter);
      this.#schedule(account);
    });
  }

  /** After so many ms, unless what it waits for is only that others of its asker are charged. */
  #giveUp(account: Account, waiter: Waiter, afterMs: number): void {
    waiter.timer = setTimeout(() => {
      if (account.waiting.has(waiter) && this.#untilPaid(this.#refilled(account)) === 0) {
        this.#giveUp(account, waiter, afterMs);
        return;
      }
      account.waiting.delete(waiter);
      waiter.resolve(undefined);
    }, afterMs).unref();
  }

  /** Waits until the asker may begin a command, which is charged then. */
  async command(asker: string | undefined): Promise<void> {
    await this.turn(asker);
    this.charge(asker, COMMAND_MS);
  }

  #account(asker: string): Account {
    const known = this.#accounts.get(asker);
    if (known !== undefined) return this.#refilled(known);
    const account: Account = {
      credit: BURST_MS,
      at: this.#clock(),
      waiting: new Set(),
      timer: undefined,
      begun: undefined,
    };
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

  #begun(account: Account): Charged {
    const begun = { since: this.#clock() };
    account.begun = begun;
    return () => {
      if (account.begun !== begun) return;
      account.begun = undefined;
      clearTimeout(account.timer);
      account.timer = undefined;
      this.#schedule(account);
    };
  }

  #untilPaid({ credit }: Account): number {
    return credit > 0 ? 0 : (-credit * 100) / this.#percent + 1;
  }

  /** How long until the next may begin, in ms, as far as it is known now. */
  #untilFree(account: Account): number {
    const { begun } = account;
    const untilCharged = begun === undefined ? 0 : Math.max(0, begun.since + CHARGED_WITHIN_MS - this.#clock());
    return Math.max(this.#untilPaid(account), untilCharged);
  }

  #schedule(account: Account): void {
    if (account.timer !== undefined || account.waiting.size === 0) return;
    account.timer = setTimeout(
      () => {
        account.timer = undefined;
        this.#next(account);
      },
      this.#untilFree(this.#refilled(account)),
    ).unref();
  }

  #next(account: Account): void {
    const [first] = account.waiting;
    if (first !== undefined && this.#untilFree(this.#refilled(account)) === 0) {
      account.waiting.delete(first);
      clearTimeout(first.timer);
      first.resolve(this.#begun(account));
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
