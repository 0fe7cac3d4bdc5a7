/** What a check of the books finds: something that is not as it must be, and where. */

/**
 * `versions`: an aggregate's events go 1, 2, 3 …; `invariants`: what its definition says holds at every version, such as
 * received = free + reserved + sold; `states`: the state topics are the fold of the events; `views`: the views are the projection of the states.
 */
export type Check = 'versions' | 'invariants' | 'states' | 'views';

export interface Difference {
  readonly check: Check;
  readonly topic: string;
  /** −1 when nothing on the log has that id. */
  readonly partition: number;
  /** Of the record that shows it; null when there is none. */
  readonly offset: number | null;
  /** The aggregate's, or the document's. */
  readonly id: string;
  /** What differs, in words. */
  readonly what: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export type Report = (difference: Difference) => void;
