/**
 * Compares the live views with views built anew from the state topics by the same projectors. The live ones move on
 * meanwhile: what differs is looked at again and again, and is a difference only when both sides stand still and differ.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog } from '../log/event-log.ts';
import { placeOf } from '../log/place.ts';
import { shownFor, viewSpecs } from '../projectors/documents.ts';
import type { Projector } from '../projectors/projector.ts';
import { ViewFeed } from '../projectors/view-feed.ts';
import { STATE_TOPICS, stateTopic } from '../records/topics.ts';
import type { Doc, ViewSpec, ViewStore } from '../views/view-store.ts';
import type { Report } from './difference.ts';
import { documentsOf, type LiveViews } from './live-views.ts';
import { newestRecords, type Owner, ownerId } from './newest-records.ts';
import { same } from './same.ts';

/** Ids of documents that are shown: on disk, as a million of them would fill memory. */
const SEEN: ViewSpec = { name: 'seen', indexes: [] };
/** The views that a comparison needs. */
export const auditedViews: readonly ViewSpec[] = [...viewSpecs, SEEN];

export interface ViewAuditOptions {
  readonly log: EventLog;
  readonly live: LiveViews;
  /** Of `auditedViews`, and empty. */
  readonly fresh: ViewStore;
  readonly projectors: readonly Projector[];
  readonly report: Report;
  readonly signal?: AbortSignal;
  /** How long a document must stand still, and differ, to be a difference. Default 2000 ms. */
  readonly stillMs?: number;
  /** When to give documents up that do not stand still. Default 30,000 ms. */
  readonly patienceMs?: number;
  /** Reading the states has moved on by so many offsets. */
  onRead?(offsets: number): void;
}

export interface ViewAuditResult {
  readonly documents: number;
  /** Documents that moved too fast to be compared, or whose view was behind the log. */
  readonly unsettled: number;
  /** Records that the live views had not taken in yet, and renames that they did not show everywhere. */
  readonly behind: number;
}

const STILL_MS = 2000;
const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;
const AT_ONCE = 200;

export async function auditViews(options: ViewAuditOptions): Promise<ViewAuditResult> {
  const { log, fresh, projectors, live, signal, onRead } = options;
  const feed = new ViewFeed({
    log,
    views: fresh,
    projectors: projectors.filter(({ topic }) => STATE_TOPICS.includes(topic)),
    ...(signal ? { signal } : {}),
    ...(onRead ? { onRead } : {}),
  });
  const audit = new ViewAudit(options, feed);
  let documents = 0;
  for (const view of live.views) documents += await audit.compare(view);
  const unsettled = await audit.settle();
  await audit.tell();
  return { documents, unsettled, behind: await audit.behind() };
}

interface Suspect {
  /** Both sides as they were last seen, and since when. */
  seen: readonly [expected: unknown, found: unknown];
  since: number;
}

/** A document that stands still, and differs. */
interface Differing {
  readonly view: string;
  readonly id: string;
  readonly owner: Owner;
  readonly expected: unknown;
  readonly found: unknown;
}

class ViewAudit {
  readonly #options: ViewAuditOptions;
  readonly #feed: ViewFeed;
  readonly #suspects = new Map<string, Map<string, Suspect>>();
  readonly #differing: Differing[] = [];

  constructor(options: ViewAuditOptions, feed: ViewFeed) {
    this.#options = options;
    this.#feed = feed;
  }

  /** Looks at every document once, and sets those aside that differ. Returns how many there are. */
  async compare(view: string): Promise<number> {
    const { live, fresh, signal } = this.#options;
    await this.#catchUp();
    const suspects = new Map<string, Suspect>();
    this.#suspects.set(view, suspects);
    const suspect = (id: string) => suspects.set(id, { seen: [undefined, undefined], since: Date.now() });
    const before = await fresh.count(SEEN.name, {});
    for await (const page of live.pages(view)) {
      signal?.throwIfAborted();
      const expected = await this.#expected(view, [...page.keys()]);
      for (const [id, found] of page) if (!same(expected.get(id), found)) suspect(id);
      const seen = [...page.keys()].map((id) => ({ _id: seenId(view, id) }));
      await fresh.step([], (tx) => tx.put(SEEN.name, seen));
    }
    for await (const docs of documentsOf(fresh, view)) {
      signal?.throwIfAborted();
      const ids = docs.filter((doc) => live.shown(view, doc) !== undefined).map(({ _id }) => _id);
      const seen = await fresh.get(
        SEEN.name,
        ids.map((id) => seenId(view, id)),
      );
      for (const id of ids) if (!seen.has(seenId(view, id))) suspect(id);
    }
    return (await fresh.count(SEEN.name, {})) - before;
  }

  /** Looks at those set aside until each agrees or has stood still long enough. Returns how many did neither. */
  async settle(): Promise<number> {
    const { patienceMs = PATIENCE_MS, signal } = this.#options;
    const until = Date.now() + patienceMs;
    for (;;) {
      for (const [view, suspects] of this.#suspects) {
        const ids = [...suspects.keys()];
        for (let start = 0; start < ids.length; start += AT_ONCE)
          await this.#look(view, suspects, ids.slice(start, start + AT_ONCE));
      }
      const left = [...this.#suspects.values()].reduce((sum, suspects) => sum + suspects.size, 0);
      if (left === 0 || Date.now() > until) return left;
      await pause(PAUSE_MS, undefined, { signal });
    }
  }

  async behind(): Promise<number> {
    const positions = await this.#options.live.positions?.();
    if (positions === undefined) return 0;
    const positionOf = new Map(positions.map((position) => [placeOf(position), position.offset]));
    const ends = await this.#options.log.ends(STATE_TOPICS);
    const fanOuts = (await this.#options.live.fanOuts?.()) ?? 0;
    return ends.reduce((sum, end) => sum + Math.max(0, end.offset - (positionOf.get(placeOf(end)) ?? 0)), fanOuts);
  }

  async #look(view: string, suspects: Map<string, Suspect>, ids: readonly string[]): Promise<void> {
    const { live, stillMs = STILL_MS } = this.#options;
    await this.#catchUp();
    const before = await this.#expected(view, ids);
    const found = await live.get(view, ids);
    await this.#catchUp();
    const after = await this.#expected(view, ids);
    // A compacted log may already have dropped what the views are yet to take in: then nothing can be told from it.
    const level = (await this.behind()) === 0;
    for (const id of ids) {
      const suspect = suspects.get(id);
      const [was, expected, shown] = [before.get(id), after.get(id), found.get(id)];
      if (suspect === undefined) continue;
      if (same(shown, was) || same(shown, expected)) {
        suspects.delete(id);
        continue;
      }
      const still = level && same(was, expected) && same(suspect.seen, [expected, shown]);
      if (!still) suspects.set(id, { seen: [expected, shown], since: Date.now() });
      else if (Date.now() - suspect.since >= stillMs) {
        suspects.delete(id);
        this.#differing.push({ view, id, owner: ownerOf(view, id), expected, found: shown });
      }
    }
  }

  /** The fresh views go where the live ones are or, where those do not tell, to the end of the log. */
  async #catchUp(): Promise<void> {
    await this.#feed.advance(await this.#options.live.positions?.());
  }

  async #expected(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const { fresh, live } = this.#options;
    const docs = await fresh.get<Doc>(view, ids);
    return new Map([...docs].map(([id, doc]) => [id, live.shown(view, doc)]));
  }

  /** Reports what differs, each with the newest state behind it. */
  async tell(): Promise<void> {
    const { log, report, signal } = this.#options;
    const owners = this.#differing.map(({ owner }) => owner);
    const newest = await newestRecords(log, owners, signal);
    for (const { view, id, owner, expected, found } of this.#differing) {
      const at = newest.get(ownerId(owner));
      report({
        check: 'views',
        topic: owner.topic,
        partition: at?.partition ?? -1,
        offset: at?.offset ?? null,
        id: `${view}/${id}`,
        what: 'the projection of the states',
        expected: expected ?? null,
        found: found ?? null,
      });
    }
  }
}

const seenId = (view: string, id: string) => `${view}/${id}`;

/** The state behind a document. */
function ownerOf(view: string, id: string): Owner {
  const owner = shownFor(view, id);
  return { topic: stateTopic(owner.aggregate), key: owner.id };
}
