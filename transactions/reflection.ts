/**
 * Knows when the views show all that a transaction has caused: what its own command did, and what every command did that
 * followed from it, through however many aggregates. Nothing is read from documents, so it makes no difference how the
 * transaction ended, or how long ago.
 */
import type { TransactionRecord } from '../domain/transaction.ts';
import type { EventLog, Position } from '../log/event-log.ts';
import { COMMAND_TOPICS, STATE_TOPICS, TRANSACTIONS } from '../records/topics.ts';
import type { ViewStore } from '../views/view-store.ts';
import { unlessAborted } from '../waiting/within.ts';
import { AwaitedPositions } from './awaited-positions.ts';
import { Overloaded } from './back-pressure.ts';
import { namesShown } from './names-shown.ts';
import type { TransactionTracker } from './transaction-tracker.ts';

/** Queries that wait at once: each asks the log and the views for positions, and takes memory. */
const MOST_WAITING = 2_000;

/** One read by id: cheap enough to be made often. */
const VIEWS_AGAIN_MS = 8;

/** What the views are made of. */
const SHOWN_TOPICS: readonly string[] = [...STATE_TOPICS, TRANSACTIONS];

export interface ReflectionOptions {
  readonly log: EventLog;
  readonly views: ViewStore;
  readonly tracker: TransactionTracker;
}

export class Reflection {
  readonly #log: EventLog;
  readonly #tracker: TransactionTracker;
  readonly #processors: AwaitedPositions;
  readonly #store: ViewStore;
  readonly #views: AwaitedPositions;
  #waiting = 0;

  constructor({ log, views, tracker }: ReflectionOptions) {
    this.#log = log;
    this.#tracker = tracker;
    this.#store = views;
    this.#processors = new AwaitedPositions((places) => tracker.decided(places.map(({ topic }) => topic)));
    this.#views = new AwaitedPositions(async (places) => {
      const next = await views.positions(places);
      return places.map(({ topic, partition }, i) => ({ topic, partition, offset: next[i] ?? 0 }));
    }, VIEWS_AGAIN_MS);
  }

  /** One more query is about to wait: call what is returned when it does no more. @throws {Overloaded} */
  enter(): () => void {
    if (this.#waiting >= MOST_WAITING) {
      throw new Overloaded(`${MOST_WAITING} queries wait for the views to show a transaction`, 1);
    }
    this.#waiting += 1;
    return () => {
      this.#waiting -= 1;
    };
  }

  /**
   * Resolves when the views show all that the transaction, whose final status this is, has caused.
   * @throws the signal's reason once it is aborted; {LogUnavailable}
   */
  async shown(final: TransactionRecord, signal: AbortSignal): Promise<void> {
    const watch = this.#tracker.undecided.watch(final.id);
    try {
      if (endedByAnother(final)) await this.#decided(await this.#everything(signal), signal);
      await this.#decided(watch.take(), signal);
      for (;;) {
        // The ends are asked for after those commands were decided, so all their follow-ups stand before these ends.
        const ends = await this.#log.ends([...COMMAND_TOPICS, ...SHOWN_TOPICS]);
        await this.#read(ends, signal);
        const followUps = watch.take();
        if (followUps.length === 0) {
          await this.#views.reached(ofTopics(ends, SHOWN_TOPICS), signal);
          await this.#renamed(final, signal);
          return;
        }
        await this.#decided(followUps, signal);
      }
    } finally {
      watch.stop();
    }
  }

  /**
   * Resolves when the views show all that the commands have done that stand on the log now, and whatever follows from these.
   * @throws the signal's reason once it is aborted; {LogUnavailable}
   */
  async allShown(signal: AbortSignal): Promise<void> {
    await this.#decided(await this.#everything(signal), signal);
    await this.#views.reached(await this.#log.ends(SHOWN_TOPICS), signal);
  }

  /** Until no purchase shows a name that the transaction replaced: a new one is carried to them beside the feed. */
  async #renamed({ aggregate, entityId, entityVersion }: TransactionRecord, signal: AbortSignal): Promise<void> {
    if (entityVersion === null) return;
    await namesShown(this.#store, { aggregate, entityId, entityVersion }, signal);
  }

  /** All commands that are on the log now and undecided, whatever their transaction: the last of each partition. */
  async #everything(signal: AbortSignal): Promise<readonly Position[]> {
    await this.#read(await this.#log.ends(COMMAND_TOPICS), signal);
    return this.#tracker.undecided.last();
  }

  /** Until this gateway has read the commands up to these ends, and so knows every follow-up that stands before them. */
  async #read(ends: readonly Position[], signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#tracker.following().reached(ofTopics(ends, COMMAND_TOPICS)), signal);
  }

  async #decided(commands: readonly Position[], signal: AbortSignal): Promise<void> {
    const behind = commands.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1 }));
    await this.#processors.reached(behind, signal);
  }
}

/**
 * A purchase that is cancelled while it is pending ends the transaction that placed it by a command of the cancelling one,
 * and it is that one's follow-ups that give the stock back. They stand on the log beside the final status.
 */
function endedByAnother({ rejection }: TransactionRecord): boolean {
  return rejection?.code === 'CANCELLED';
}

function ofTopics(positions: readonly Position[], topics: readonly string[]): readonly Position[] {
  return positions.filter(({ topic }) => topics.includes(topic));
}
