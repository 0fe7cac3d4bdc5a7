/**
 * Fills a view store from the state topics with the projectors themselves, without a group and without following: for
 * views built beside the live ones, be it to compare them or to take their place.
 */
import type { EventLog, LogRecord, Position } from '../log/event-log.ts';
import { placeOf } from '../log/place.ts';
import type { ViewStore } from '../views/view-store.ts';
import { finishFanOuts } from './fan-out.ts';
import type { Projector } from './projector.ts';

export interface ViewFeedOptions {
  readonly log: EventLog;
  /** Nobody else may write into it. */
  readonly views: ViewStore;
  readonly projectors: readonly Projector[];
  readonly signal?: AbortSignal;
  onUnreadable?(record: LogRecord, reason: string): void;
  /** Reading has moved on by so many offsets. */
  onRead?(offsets: number): void;
}

export class ViewFeed {
  readonly #options: ViewFeedOptions;
  readonly #next = new Map<string, number>();

  constructor(options: ViewFeedOptions) {
    this.#options = options;
  }

  /** Where it has come to. */
  position(topic: string, partition: number): number {
    return this.#next.get(placeOf({ topic, partition })) ?? 0;
  }

  /** Feeds every partition up to `to`, or to its end as it is now. Returns how many records that were. */
  async advance(to?: readonly Position[]): Promise<number> {
    const { log, projectors } = this.#options;
    const ends = to ?? (await log.ends(projectors.map(({ topic }) => topic)));
    let records = 0;
    for (const projector of projectors) {
      for (const end of ends) if (end.topic === projector.topic) records += await this.#feed(projector, end);
    }
    await finishFanOuts(this.#options.views, this.#options.signal);
    return records;
  }

  /** How many records, at most, it is behind. */
  async lag(): Promise<number> {
    const { log, projectors } = this.#options;
    const ends = await log.ends(projectors.map(({ topic }) => topic));
    return ends.reduce(
      (sum, { topic, partition, offset }) => sum + Math.max(0, offset - this.position(topic, partition)),
      0,
    );
  }

  async #feed(projector: Projector, { topic, partition, offset: end }: Position): Promise<number> {
    const { log, signal, onRead } = this.#options;
    const from = this.position(topic, partition);
    if (from >= end) return 0;
    let fed = 0;
    for await (const batch of log.read({ topic, partition }, from)) {
      signal?.throwIfAborted();
      const was = this.position(topic, partition);
      const records = batch.filter(({ offset }) => offset < end);
      const last = records.at(-1);
      if (last !== undefined) await this.#step(projector, records, { topic, partition, offset: last.offset + 1 });
      fed += records.length;
      onRead?.(this.position(topic, partition) - was);
      if (records.length < batch.length) break;
    }
    // Behind the last record there may be none, up to the end: compaction and transaction markers leave gaps.
    if (this.position(topic, partition) < end) await this.#step(projector, [], { topic, partition, offset: end });
    return fed;
  }

  async #step(
    projector: Projector,
    records: readonly LogRecord[],
    { topic, partition, offset: next }: Position,
  ): Promise<void> {
    const from = this.position(topic, partition);
    const result = await this.#options.views.step([{ topic, partition, from, next }], async (tx) => {
      if (records.length > 0) await projector.project(records, tx, this.#options.onUnreadable ?? (() => undefined));
    });
    if (result === 'refused')
      throw new Error(`the views being built are not at ${topic}/${partition} ${from}: someone else writes into them`);
    this.#next.set(placeOf({ topic, partition }), next);
  }
}
