/**
 * Back-pressure: a gateway that takes more than the log, the processors or the views can follow keeps the rest in memory. Beyond
 * a limit it says so instead, before anything is written; what it has acknowledged goes its way.
 */
import { BusError } from './errors.ts';

export interface BackPressureLimits {
  /** Bytes that wait for the log's acknowledgement; 0: without a limit. */
  readonly appendingBytes: number;
  /** Transactions of all users that have begun and are not shown yet; 0: without a limit. */
  readonly transactions: number;
}

/** The gateway has as much to do as it may keep in memory. */
export class Overloaded extends BusError {
  override readonly name = 'Overloaded';
  readonly code = 'UNAVAILABLE';
  override readonly retryAfter: number;

  constructor(why: string, retryAfter: number) {
    super(`${why}: try again in ${retryAfter} s`);
    this.retryAfter = retryAfter;
  }
}

/** A record on its way takes so much beside its own bytes. */
const RECORD_BYTES = 1_000;
/** What waits for the log is soon gone or has timed out; what waits to be decided may take longer. */
const [LOG_AGAIN_S, BACKLOG_AGAIN_S] = [1, 5];

export class BackPressure {
  readonly #limits: BackPressureLimits;
  /** How many transactions are kept in memory. */
  readonly #kept: () => number;
  #appending = 0;
  /** How many those bytes are of. */
  #records = 0;

  constructor(limits: BackPressureLimits, kept: () => number) {
    this.#limits = limits;
    this.#kept = kept;
  }

  /** A record of so many bytes is about to be appended: call what is returned when it has been. @throws {Overloaded} */
  append(bytes: number): () => void {
    const { appendingBytes, transactions } = this.#limits;
    const taken = bytes + RECORD_BYTES;
    // One alone goes through, however large: others would wait for nothing.
    if (appendingBytes > 0 && this.#appending > 0 && this.#appending + taken > appendingBytes) {
      throw new Overloaded('the log is behind with what it has been given, and nothing was written', LOG_AGAIN_S);
    }
    // Those that are being written are not among the kept ones yet.
    if (transactions > 0 && this.#kept() + this.#records >= transactions) {
      const why = `${transactions} transactions have begun that are not decided or not shown yet, and nothing was written`;
      throw new Overloaded(why, BACKLOG_AGAIN_S);
    }
    this.#appending += taken;
    this.#records += 1;
    return () => {
      this.#appending -= taken;
      this.#records -= 1;
    };
  }
}
