/**
 * Whether something stays as it is, by one rule: the samples of the first third of a run are left out, as caches fill and code is
 * compiled then. Of the rest, the last third must not be above the first one by more than a share and an amount.
 */
import { median } from '../suite/statistics.ts';

/** What is compared of a third. */
export type Measure = 'median' | 'lowest' | 'highest';

export interface Allowance {
  readonly measure: Measure;
  /** 0.1: a tenth more is flat. */
  readonly share: number;
  /** In the unit of the samples: so much more is flat, however little there was. */
  readonly amount: number;
}

export interface Verdict {
  readonly first: number;
  readonly last: number;
  readonly flat: boolean;
}

/**
 * What only the process can give back. Allocators keep pages for a while, so the median counts, with room for one more arena.
 */
export const RESIDENT: Allowance = { measure: 'median', share: 0.1, amount: 24 };
/** In MB as well. The heap goes up and down: its lowest point, just after a collection, tells what is in use. */
export const HEAP: Allowance = { measure: 'lowest', share: 0.1, amount: 12 };
/** Items or bytes that wait. They go up and down with back-pressure: what may not grow is how far they go up. */
export const QUEUE: Allowance = { measure: 'highest', share: 0.5, amount: 2000 };

const MEASURES: Readonly<Record<Measure, (values: readonly number[]) => number>> = {
  median,
  lowest: (values) => Math.min(...values),
  highest: (values) => Math.max(...values),
};

/** Fewer samples than this tell nothing. */
const FEWEST = 9;

/** The verdict on what there is at the last, where there was so much at first. */
export function compared(first: number, last: number, { share, amount }: Allowance): Verdict {
  return { first, last, flat: last <= first * (1 + share) + amount };
}

/** @param samples in the order of time. Undefined when there are too few */
export function verdictOn(samples: readonly number[], allowance: Allowance): Verdict | undefined {
  if (samples.length < FEWEST) return undefined;
  const judged = samples.slice(Math.floor(samples.length / 3));
  const third = Math.floor(judged.length / 3);
  const measure = MEASURES[allowance.measure];
  return compared(measure(judged.slice(0, third)), measure(judged.slice(-third)), allowance);
}
