/**
 * A change stream that does not end: it goes on after the last change it delivered when the connection was lost, and
 * starts anew, telling so, when the server no longer knows what came after it.
 */
import type { ChangeStream, ChangeStreamDocument, ChangeStreamOptions, Collection, Db, Timestamp } from 'mongodb';
import { BackOff, fullJitter } from '../../waiting/back-off.ts';
import type { Doc } from '../view-store.ts';
import { answerWithin, isHistoryLost } from './outage.ts';

type From = Pick<ChangeStreamOptions, 'resumeAfter' | 'startAtOperationTime'>;

export interface FeedOptions<T extends Doc> {
  readonly db: Db;
  readonly timeoutMs: number;
  /** Asked at each start, so that a restarted feed may follow another collection. */
  collection(): Collection<T>;
  onEvent(event: ChangeStreamDocument<T>): void;
  /** Changes may have been missed. Those from this call on will not be. */
  onGap(): void;
  /** The feed is interrupted, and will try again. */
  onTrouble(error: unknown): void;
}

export class ChangeFeed<T extends Doc> {
  readonly #options: FeedOptions<T>;
  #stream: ChangeStream<T> | undefined;
  #from: From | undefined;
  #closed = false;
  /** Counts restarts: what was read before the last one is not to be delivered. */
  #round = 0;

  private constructor(options: FeedOptions<T>, from: Timestamp) {
    this.#options = options;
    this.#from = { startAtOperationTime: from };
    void this.#run();
  }

  /** Every change after the given time of the cluster will be delivered. */
  static since<T extends Doc>(from: Timestamp, options: FeedOptions<T>): ChangeFeed<T> {
    return new ChangeFeed(options, from);
  }

  /** Begins anew with what `collection` says now, as after a gap. */
  restart(): void {
    this.#round++;
    this.#from = undefined;
    this.#endStream();
  }

  close(): void {
    this.#closed = true;
    this.#endStream();
  }

  async #run(): Promise<void> {
    const backOff = new BackOff({ firstMs: 200, longestMs: 2000, jitter: fullJitter, ref: false });
    while (!this.#closed) {
      const round = this.#round;
      try {
        if (this.#from === undefined) {
          const now = await clusterTime(this.#options.db, this.#options.timeoutMs);
          if (round !== this.#round || this.#closed) continue;
          this.#from = { startAtOperationTime: now };
          this.#options.onGap();
        }
        await this.#follow(this.#from, round, () => backOff.reset());
      } catch (error) {
        if (this.#closed) return;
        if (round !== this.#round) continue;
        if (isHistoryLost(error)) this.#from = undefined;
        this.#options.onTrouble(error);
        await backOff.wait();
      } finally {
        this.#endStream();
      }
    }
  }

  async #follow(from: From, round: number, delivered: () => void): Promise<void> {
    const stream = this.#options.collection().watch<T>([], from);
    this.#stream = stream;
    try {
      for (;;) {
        const event = await stream.next();
        if (this.#closed || round !== this.#round) return;
        if (event.operationType === 'invalidate') {
          // The collection was dropped or renamed; nothing can be resumed after that.
          this.#from = undefined;
          return;
        }
        this.#from = { resumeAfter: event._id };
        this.#options.onEvent(event);
        delivered();
      }
    } catch (error) {
      // Newer than that of the last event when the server has told that nothing followed it.
      if (round === this.#round && stream.resumeToken) this.#from = { resumeAfter: stream.resumeToken };
      throw error;
    }
  }

  /** Not waited for: it asks the server to close its cursor, and that may be what does not answer. */
  #endStream(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.close().catch(() => {});
  }
}

/** The time of the newest write the server knows: whatever commits after this call is later. */
export function clusterTime(db: Db, timeoutMs: number): Promise<Timestamp> {
  return answerWithin(timeoutMs, async () => {
    const { operationTime } = await db.command({ ping: 1 });
    if (operationTime === undefined) {
      throw new Error(
        'MongoDB must run as a replica set (one member will do): start it with --replSet and initiate it',
      );
    }
    return operationTime;
  });
}
