/** Lag in seconds: how old the oldest record is that is not handled. */
import type { PartitionStatus } from '../log/event-log.ts';
import { placeOf } from '../log/place.ts';

export class LagAges {
  /** Since when records have been seen to wait at a position while none was being handled. */
  readonly #waiting = new Map<string, { readonly position: number; readonly since: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * The age of the oldest record that is being handled. While none is, though some wait, it is not known how old they are: then
   * for how long that has been seen, from one scrape to the next; so one that has just come does not look as old as the
   * partition was idle.
   * @param part whose partition it is
   */
  secondsOf(part: string, status: PartitionStatus): number {
    const { lag, position, oldest } = status;
    const place = `${part} ${placeOf(status)}`;
    const now = this.#now();
    if (lag === 0 || oldest !== undefined) this.#waiting.delete(place);
    if (oldest !== undefined) return Math.max(0, now - oldest) / 1000;
    if (lag === 0) return 0;
    const before = this.#waiting.get(place);
    const since = before?.position === position ? before.since : now;
    this.#waiting.set(place, { position, since });
    return (now - since) / 1000;
  }
}
