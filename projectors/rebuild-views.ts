/** Fills a new generation of the views from the log and makes it the live one, while the old one goes on being served. */
import type { EventLog, LogRecord } from '../log/event-log.ts';
import type { ViewStore } from '../views/view-store.ts';
import type { Projector } from './projector.ts';
import { ViewFeed } from './view-feed.ts';

/** A view store beside the live one. */
export interface NextViews {
  readonly views: ViewStore;
  /** Aborted when another rebuild has taken over. */
  readonly lost: AbortSignal;
  /** Makes it the live one, in one step. */
  switchOver(): Promise<void>;
}

export interface RebuildViewsOptions {
  readonly log: EventLog;
  readonly next: NextViews;
  readonly projectors: readonly Projector[];
  readonly signal?: AbortSignal;
  onUnreadable?(record: LogRecord, reason: string): void;
  /** Reading has moved on by so many offsets. */
  onRead?(offsets: number): void;
}

/** So few records are left over for the live projectors to take in after the switch. */
const NEAR = 100;
const MOST_ROUNDS = 1000;

/** Returns how many records went into it. What fails, or is aborted, leaves the live views as they are. */
export async function rebuildViews({ log, next, projectors, signal, ...told }: RebuildViewsOptions): Promise<number> {
  const ended = signal === undefined ? next.lost : AbortSignal.any([signal, next.lost]);
  const feed = new ViewFeed({ log, views: next.views, projectors, signal: ended, ...told });
  let records = await feed.advance();
  // The log goes on meanwhile: each round is shorter than the one before, unless more comes in than can be taken in.
  for (let round = 0; round < MOST_ROUNDS && (await feed.lag()) > NEAR; round++) records += await feed.advance();
  records += await feed.advance();
  ended.throwIfAborted();
  await next.switchOver();
  return records;
}
