/**
 * Back-pressure for answers: bounds the memory of those that are being made and of those that wait to be read, over HTTP and
 * WebSocket together. Each asker has a share of it. When all is taken, the connections that have waited longest are ended,
 * and what still finds no room is told to come back: so readers that do not read keep nobody else out.
 */
import { GraphQLError } from 'graphql';
import { MEGABYTE, rateLimited } from './limits.ts';

export interface UnreadLimits {
  /** Bytes of all askers together. */
  readonly inAll: number;
  /** Bytes of one asker. */
  readonly perAsker: number;
  /** An answer is ended after so long, and longer by `msPerMegabyte` for its size, in ms. */
  readonly readWithinMs: number;
  readonly msPerMegabyte: number;
  /** Who has waited for less is not ended to make room for others, in ms: time enough for one who reads. */
  readonly graceMs: number;
}

const UNREAD_LIMITS: UnreadLimits = {
  inAll: 128 * MEGABYTE,
  perAsker: 32 * MEGABYTE,
  readWithinMs: 15_000,
  // 64 KB in a second.
  msPerMegabyte: 16_000,
  graceMs: 2_000,
};

/** Answers up to so many bytes always find room: errors must be told, above all this one. */
const ALWAYS_BYTES = 16 * 1024;
export const RETRY_UNREAD_AFTER_S = 2;
const SWEEP_EVERY_MS = 500;

/** Bytes that are taken until they are given back. */
export interface Taken {
  /** Gives them back; a second call does nothing. */
  end(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly since: number;
  readonly end: () => void;
  /** Ends the connection that they wait on; undefined: the answer is still being made. */
  readonly cut: (() => void) | undefined;
}

export class UnreadAnswers {
  readonly #limits: UnreadLimits;
  /** In order of `since`, oldest first. */
  readonly #waiting = new Set<Waiting>();
  readonly #ofAsker = new Map<string, number>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits = UNREAD_LIMITS) {
    this.#limits = limits;
  }

  /** Bytes that are taken now. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes room for an answer that is about to be made.
   * @param asker whose share it is; undefined: nobody's
   * @throws {GraphQLError} `RATE_LIMITED` beyond the asker's share, `UNAVAILABLE` when there is no room
   */
  reserve(asker: string | undefined, bytes: number): Taken {
    if (this.#isBeyondShare(asker, bytes)) {
      throw rateLimited(
        'this user has too many answers that are being made or have not been read',
        RETRY_UNREAD_AFTER_S,
      );
    }
    if (!this.#makeRoom(bytes)) throw noRoom();
    return this.#take(asker, bytes, undefined);
  }

  /**
   * Takes room for an answer that is sent. A connection that has not read it in time is cut.
   * @param mustBeTold whether it is sent in any case: what a mutation has begun cannot be refused any more
   * @returns undefined when there is no room, in the asker's share or at all: then it must not be sent
   */
  hold(asker: string | undefined, bytes: number, cut: () => void, mustBeTold = false): Taken | undefined {
    const always = mustBeTold || bytes <= ALWAYS_BYTES;
    if (!always && (this.#isBeyondShare(asker, bytes) || !this.#makeRoom(bytes))) return undefined;
    return this.#take(asker, bytes, cut);
  }

  #isBeyondShare(asker: string | undefined, bytes: number): boolean {
    if (asker === undefined) return false;
    const taken = this.#ofAsker.get(asker) ?? 0;
    return taken > 0 && taken + bytes > this.#limits.perAsker;
  }

  /** Ends those who have waited longest, until there is room. */
  #makeRoom(bytes: number): boolean {
    const { inAll, graceMs } = this.#limits;
    const before = performance.now() - graceMs;
    for (const { cut, end, since } of this.#waiting) {
      if (this.#bytes + bytes <= inAll || since > before) break;
      if (cut === undefined) continue;
      end();
      cut();
    }
    return this.#bytes + bytes <= inAll;
  }

  #take(asker: string | undefined, bytes: number, cut: (() => void) | undefined): Taken {
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      this.#waiting.delete(waiting);
      this.#add(asker, -bytes);
    };
    const waiting: Waiting = { bytes, since: performance.now(), end, cut };
    this.#waiting.add(waiting);
    this.#add(asker, bytes);
    this.#timer ??= setInterval(() => this.#cutLate(), SWEEP_EVERY_MS).unref();
    return { end };
  }

  /** One timer for all: there may be very many small answers. */
  #cutLate(): void {
    const { readWithinMs, msPerMegabyte } = this.#limits;
    const now = performance.now();
    for (const { bytes, since, end, cut } of this.#waiting) {
      if (cut === undefined || now - since < readWithinMs + (msPerMegabyte * bytes) / MEGABYTE) continue;
      end();
      cut();
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #add(asker: string | undefined, bytes: number): void {
    this.#bytes += bytes;
    if (asker === undefined) return;
    const taken = (this.#ofAsker.get(asker) ?? 0) + bytes;
    if (taken === 0) this.#ofAsker.delete(asker);
    else this.#ofAsker.set(asker, taken);
  }
}

/** What a client is told whose answer finds no room. */
export const NO_ROOM = 'too many answers are being made or have not been read: try again';

function noRoom(): GraphQLError {
  const extensions: Record<string, unknown> = {
    code: 'UNAVAILABLE',
    http: { status: 503, headers: new Map([['retry-after', String(RETRY_UNREAD_AFTER_S)]]) },
  };
  return new GraphQLError(NO_ROOM, { extensions });
}
