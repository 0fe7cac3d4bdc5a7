/** When a delivery that was not taken is tried again: exponential back-off with jitter, and an end. */

export interface Schedule {
  /** The pause after the first attempt, ms; each later one is `factor` times as long. */
  readonly firstMs: number;
  readonly factor: number;
  /** No pause is longer, before jitter, ms. */
  readonly longestMs: number;
  /** Attempts in a round; then the delivery is given up. */
  readonly attempts: number;
}

/** 1 s, 3 s, 9 s … 12 h: given up after some two days. */
export const SCHEDULE: Schedule = { firstMs: 1000, factor: 3, longestMs: 12 * 60 * 60 * 1000, attempts: 14 };

/**
 * How long to wait after attempt `attempt` of the round, ms; undefined: it was the last one. Jitter, a fifth up or down: spreads
 * the retries of deliveries that failed at the same moment.
 * @param random from 0 to 1
 */
export function pauseAfter(attempt: number, schedule: Schedule, random: number): number | undefined {
  if (attempt >= schedule.attempts) return undefined;
  const ms = Math.min(schedule.firstMs * schedule.factor ** (attempt - 1), schedule.longestMs);
  return Math.round(ms * (0.8 + 0.4 * random));
}
