/** A page of what happened to one entity. */
import type { EntityRecords, ListedRecord } from './record-lists.ts';

/** Places in a list that are looked at together. */
const AT_ONCE = 500;

export interface EventPageQuery {
  readonly first: number;
  /** The place in the list behind which the page begins. */
  readonly after: number | undefined;
  readonly newestFirst: boolean;
  /** true: only what changed the entity. */
  readonly changesOnly: boolean;
}

export interface ListedPage {
  readonly records: readonly ListedRecord[];
  readonly hasNextPage: boolean;
}

/** Which of the entity's events the page holds, in order. */
export async function pageOfEvents(
  { events }: EntityRecords,
  { first, after, newestFirst, changesOnly }: EventPageQuery,
): Promise<ListedPage> {
  const found: ListedRecord[] = [];
  const wanted = ({ version }: ListedRecord) => !changesOnly || version > 0;
  // One more than the page holds tells whether there is a next one.
  if (newestFirst) {
    for (let to = Math.min(after ?? events.total, events.total); to > 0 && found.length <= first; to -= AT_ONCE) {
      const part = await events.slice(Math.max(0, to - AT_ONCE), to);
      found.push(...part.filter(wanted).reverse());
    }
  } else {
    for (let from = (after ?? -1) + 1; from < events.total && found.length <= first; from += AT_ONCE) {
      found.push(...(await events.slice(from, from + AT_ONCE)).filter(wanted));
    }
  }
  return { records: found.slice(0, first), hasNextPage: found.length > first };
}
