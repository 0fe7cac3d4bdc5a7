/**
 * What happened to an entity, as its `history`: a connection of its own kind, since events stand on the log and not in a view.
 * Customers see what changed what is theirs, without who else was part in it.
 */
import type { ShownName } from '../domain/index.ts';
import type { EventsFound } from '../history/history.ts';
import type { PastRecord } from '../history/past-record.ts';
import type { Doc } from '../views/view-store.ts';
import { seesAll } from './access.ts';
import { type PageArgs, pageSize } from './connection.ts';
import type { Context, ViewerIdentity } from './context.ts';
import { decodeOpaque, encodeOpaque } from './cursor.ts';

/** An event as it is shown. */
export type ShownEvent = Omit<PastRecord, 'position' | 'kind'>;

/** A page as the resolvers hand it on. */
export interface EventPage {
  /** Which list it is of: a cursor of another one is refused. */
  readonly list: string;
  readonly found: EventsFound;
  readonly hasPreviousPage: boolean;
  readonly viewer: ViewerIdentity;
}

interface HistoryArgs extends PageArgs {
  readonly order?: 'ASC' | 'DESC' | null | undefined;
}

/** The resolver of an aggregate's `history`. */
export function historyOf(aggregate: ShownName) {
  return async (
    { _id: id, version }: Doc & { readonly version: number },
    args: HistoryArgs,
    { history, viewer }: Context,
  ): Promise<EventPage> => {
    const newestFirst = args.order === 'DESC';
    const list = `${aggregate}/${id}/${newestFirst ? 'DESC' : 'ASC'}`;
    const first = pageSize(args.first);
    const [after] = args.after ? decodeOpaque(args.after, list, 1) : [];
    const query = { first, after, newestFirst, changesOnly: !seesAll(viewer) };
    const found = await history.events({ aggregate, id, version }, query);
    return { list, found, hasPreviousPage: after !== undefined, viewer };
  };
}

/** Fields of events that name users and transactions, at whatever depth. */
const NAMING = new Set(['issuedBy', 'userId', 'transactionId', 'claim']);

/** The event as the viewer may see it. */
function shownTo(viewer: ViewerIdentity, event: PastRecord): ShownEvent {
  if (seesAll(viewer) || event.issuedBy === viewer.id) return event;
  const data = withoutOthers(event.data, viewer.id);
  return { ...event, id: '', issuedBy: null, transactionId: null, causedBy: null, data };
}

function withoutOthers(data: unknown, viewer: string): unknown {
  if (Array.isArray(data)) return data.map((each: unknown) => withoutOthers(each, viewer));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]: [string, unknown]) =>
      NAMING.has(name) && value !== viewer ? [] : [[name, withoutOthers(value, viewer)]],
    ),
  );
}

export const eventConnection = {
  edges: ({ list, found, viewer }: EventPage) =>
    found.events.map(({ ordinal, event }) => ({ node: shownTo(viewer, event), cursor: encodeOpaque(list, [ordinal]) })),
  nodes: ({ found, viewer }: EventPage) => found.events.map(({ event }) => shownTo(viewer, event)),
  pageInfo: ({ list, found, hasPreviousPage }: EventPage) => {
    const [start, end] = [found.events[0], found.events.at(-1)];
    return {
      hasNextPage: found.hasNextPage,
      hasPreviousPage,
      startCursor: start ? encodeOpaque(list, [start.ordinal]) : null,
      endCursor: end ? encodeOpaque(list, [end.ordinal]) : null,
    };
  },
  totalCount: ({ found }: EventPage) => found.totalCount,
};
