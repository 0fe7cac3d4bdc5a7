/**
 * Rebuild: opens the next generation of the views, fills it from the log and switches to it, while the live one goes on
 * being served. The one copy of it: a start with views of another shape and `counterfoil rebuild` both come by here.
 */
import type { EventLog, LogRecord } from '../log/event-log.ts';
import type { ViewStore } from '../views/view-store.ts';
import type { Projector } from './projector.ts';
import { ViewFeed } from './view-feed.ts';

/** A view store beside the live one. */
export interface NextViews {
  readonly outcome: 'opened';
  readonly generation: number;
  readonly views: ViewStore;
  /** Aborted when another rebuild has taken over. */
  readonly lost: AbortSignal;
  /** Makes it the live one, in one step. */
  switchOver(): Promise<void>;
  /** Gives up, and drops what was built. */
  abandon(): Promise<void>;
  /** Lets go of the connection. */
  close(): Promise<void>;
}

/** Another process is at it. */
export interface RebuildUnderWay {
  readonly outcome: 'busy';
  /** For people. */
  readonly owner: string;
  /** When its claim ends, should it have died. */
  readonly expiresAt: Date;
}

export interface Rebuilt {
  readonly outcome: 'switched';
  readonly generation: number;
  /** How many went into it. */
  readonly records: number;
}

/** Opens the next generation, unless another process rebuilds already. */
export type OpenNextViews = () => Promise<NextViews | RebuildUnderWay>;

/** A record that could not be read, and that no later record of its key makes up for. */
export interface PassedOver {
  readonly record: LogRecord;
  readonly reason: string;
}

/** The views that were built lack something, and were not made the live ones. */
export class RecordsPassedOver extends Error {
  override readonly name = 'RecordsPassedOver';
  readonly records: readonly PassedOver[];

  constructor(records: readonly PassedOver[]) {
    const named = records
      .slice(0, MOST_NAMED)
      .map(({ record: { topic, partition, offset }, reason }) => `${topic}/${partition}@${offset} (${reason})`);
    const more = records.length > MOST_NAMED ? `, and ${records.length - MOST_NAMED} more` : '';
    super(
      `the views were not switched, because ${records.length} ${records.length === 1 ? 'record' : 'records'} cannot be read: ${named.join(', ')}${more}; ` +
        'to go without what they hold: counterfoil rebuild --accept-unreadable',
    );
    this.records = records;
  }
}

const MOST_NAMED = 5;

export interface RebuildViewsOptions {
  readonly log: EventLog;
  readonly open: OpenNextViews;
  readonly projectors: readonly Projector[];
  readonly signal?: AbortSignal;
  /** true: switches although records had to be passed over. Default false. */
  readonly acceptUnreadable?: boolean;
  onUnreadable?(record: LogRecord, reason: string): void;
  /** The next generation is open: reading begins. */
  onBegun?(generation: number): void;
  /** So many of so many offsets have been read. */
  onRead?(done: number, total: number): void;
}

/** So few records are left over for the live projectors to take in after the switch. */
const NEAR = 100;
const SHORT_ROUND_MS = 2000;
const MOST_ROUNDS = 1000;

/**
 * Resolves once the next generation is the live one, or at once when another process is at it. What fails, or is aborted,
 * leaves the live views as they are, and nothing behind.
 * @throws {RecordsPassedOver} when records cannot be read
 */
export async function rebuildViews(options: RebuildViewsOptions): Promise<Rebuilt | RebuildUnderWay> {
  const next = await options.open();
  if (next.outcome === 'busy') return next;
  const { generation } = next;
  try {
    options.onBegun?.(generation);
    const records = await fill(next, options);
    await next.switchOver();
    return { outcome: 'switched', generation, records };
  } catch (error) {
    await next.abandon();
    throw error;
  } finally {
    await next.close();
  }
}

/** Returns how many records it was filled with. @throws {RecordsPassedOver} */
async function fill(next: NextViews, options: RebuildViewsOptions): Promise<number> {
  const { log, signal, acceptUnreadable = false, onUnreadable, onRead } = options;
  const ends = await log.ends(options.projectors.map(({ topic }) => topic));
  const total = ends.reduce((sum, { offset }) => sum + offset, 0);
  let done = 0;
  const ended = signal === undefined ? next.lost : AbortSignal.any([signal, next.lost]);
  const passedOver = new Map<string, PassedOver>();
  const feed = new ViewFeed({
    ...{ log, views: next.views, signal: ended },
    projectors: options.projectors.map((projector) => noting(projector, passedOver)),
    ...(onUnreadable ? { onUnreadable } : {}),
    onRead: (offsets) => {
      done += offsets;
      onRead?.(done, Math.max(done, total));
    },
  });
  let records = await feed.advance();
  // The log goes on meanwhile: each round is shorter than the one before, unless more comes in than can be taken in.
  for (let round = 0; round < MOST_ROUNDS && (await feed.lag()) > NEAR; round++) {
    const begun = performance.now();
    records += await feed.advance();
    // Under load there is always more: what comes in within a short round is soon taken in by the live projectors.
    if (performance.now() - begun < SHORT_ROUND_MS) break;
  }
  records += await feed.advance();
  ended.throwIfAborted();
  if (passedOver.size > 0 && !acceptUnreadable) throw new RecordsPassedOver([...passedOver.values()]);
  return records;
}

/** Keeps a note of each key whose newest record cannot be read. */
function noting({ topic, project }: Projector, passedOver: Map<string, PassedOver>): Projector {
  return {
    topic,
    async project(records, tx, unreadable) {
      const bad = new Map<string, PassedOver>();
      const begun = await project(records, tx, (record, reason) => {
        bad.set(`${topic}/${record.key}`, { record, reason });
        unreadable(record, reason);
      });
      // Newer records of the same key, tombstones too, make up for an older one.
      for (const { key } of records) passedOver.delete(`${topic}/${key}`);
      for (const [id, one] of bad) {
        const newest = records.findLast(({ key }) => key === one.record.key);
        if (newest === one.record) passedOver.set(id, one);
      }
      return begun;
    },
  };
}
