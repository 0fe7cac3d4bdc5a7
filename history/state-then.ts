/** What an entity was: its events up to a version or a time, folded by the domain's own rules. */
import { type Catalogue, type Decider, evolve, type Versioned } from '../domain/index.ts';
import type { EventLog } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { readEvent } from '../records/event-record.ts';
import { TimeSlice } from '../waiting/time-slice.ts';
import { EventsMissing, NoSuchVersion, TooLongAgo } from './errors.ts';
import { positionOf } from './past-record.ts';
import { placeBehind } from './place-behind.ts';
import type { EntityRecords, ListedRecord, RecordList } from './record-lists.ts';

/** Which moment is meant. */
export type Moment = { readonly version: number } | { readonly asOf: string };

/** Most events that one state is folded from: some 2 s of reading. */
export const MOST_FOLDED = 20_000;
const AT_ONCE = 500;
const MOST_LISTED_AT_ONCE = 5_000;

type AnyDecider<C extends Catalogue, E extends Catalogue, S extends Versioned, P> = Decider<C, E, S, P>;

/**
 * The version that the entity had at that moment; 0: it did not exist yet. At a time it has the highest version that was
 * written down by then: clocks differ, so a version may have been written down a little before the one ahead of it.
 * Where that is more than can be folded, it is some version that is more than that.
 * @throws {NoSuchVersion}
 */
export async function versionAt(entity: string, records: EntityRecords, moment: Moment): Promise<number> {
  if ('version' in moment) {
    const { version } = moment;
    if (version < 1 || version > records.version) throw new NoSuchVersion(entity, version, records.version);
    return version;
  }
  const asOf = Date.parse(moment.asOf);
  let version = 0;
  for await (const event of listed(records.events, await placeBehind(records.events, asOf))) {
    if (event.time <= asOf) version = Math.max(version, event.version);
    if (version > MOST_FOLDED) break;
  }
  return version;
}

/**
 * The states that the entity had at these versions, by version.
 * @throws {TooLongAgo} {EventsMissing} {LogUnavailable}
 */
export async function statesAt<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  log: Pick<EventLog, 'recordsAt'>,
  decider: AnyDecider<C, E, S, P>,
  id: string,
  records: EntityRecords,
  versions: ReadonlySet<number>,
): Promise<ReadonlyMap<number, S>> {
  const entity = `${decider.name} ${id}`;
  const newest = Math.max(0, ...versions);
  if (newest > MOST_FOLDED) throw new TooLongAgo(entity, MOST_FOLDED);
  const events: ListedRecord[] = [];
  for await (const event of listed(records.events, records.events.total)) {
    if (event.version > 0 && event.version <= newest) events.push(event);
    // Versions stand in order: what comes behind it is of no use, and may be a million events.
    if (event.version >= newest) break;
  }
  const states = new Map<number, S>();
  let state = decider.initialState;
  const slice = new TimeSlice();
  for (let from = 0; from < events.length; from += AT_ONCE) {
    const some = events.slice(from, from + AT_ONCE);
    const { kind, partition } = records.events;
    const positions = some.map(({ offset }) => positionOf({ aggregate: decider.name, kind, partition, offset }));
    for (const record of await log.recordsAt(positions)) {
      if (slice.over()) await slice.next();
      if (record === undefined) throw new EventsMissing(entity, newest);
      const read = readOrFail(() => readEvent(decider, record), entity, newest);
      // What stands there twice takes effect once; after a gap nothing is known.
      if (read === undefined || read.version === undefined || read.version <= state.version) continue;
      if (read.version !== state.version + 1) throw new EventsMissing(entity, newest);
      state = evolve(decider, state, read.event, read.at);
      if (versions.has(state.version)) states.set(state.version, state);
    }
  }
  if (state.version !== newest) throw new EventsMissing(entity, newest);
  return states;
}

/** The list's records before the place, in order; no more of them is read than is taken, but for the last stretch. */
async function* listed(list: RecordList, end: number): AsyncGenerator<ListedRecord> {
  // Small at first: most entities have few records, and of the others the first ones are often enough.
  for (let from = 0, many = AT_ONCE; from < end; from += many, many = Math.min(2 * many, MOST_LISTED_AT_ONCE)) {
    yield* await list.slice(from, Math.min(end, from + many));
  }
}

function readOrFail<T>(read: () => T, entity: string, version: number): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableRecord) throw new EventsMissing(entity, version);
    throw error;
  }
}
