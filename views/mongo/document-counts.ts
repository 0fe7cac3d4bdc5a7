/**
 * Notices documents that were deleted by somebody else. Each step adds to its position how many documents it has made less
 * those it has removed, by view, in the same transaction: the sums over all positions are the numbers of documents,
 * exactly, in every snapshot of the database, whatever was killed.
 *
 * A look costs little: MongoDB's own estimates are compared with the sums. An estimate can be wrong, under load and after
 * an unclean shutdown, so it only raises a suspicion: then the documents are counted in one snapshot together with the sums.
 */
import type { ClientSession, Collection, Db } from 'mongodb';
import { type Gains, type PositionDoc, positionsOf, viewOf } from './collections.ts';

/** Id of the position that stands for all steps which move none. */
export const NO_MOVE = 'no move';

/** Counting may take so much of the time: after a count of one second, none for a hundred. */
const SHARE_OF_TIME = 0.01;
/** Below the 60 s that MongoDB keeps a transaction for. */
const COUNT_WITHIN_MS = 30_000;

/** Each gain added to what was there. */
function added(before: Gains, gains: Gains): Gains {
  const sums: Record<string, number> = { ...before };
  for (const [view, gain] of Object.entries(gains)) sums[view] = (sums[view] ?? 0) + gain;
  return sums;
}

/**
 * The positions as a step leaves them: its gains stand in the first of them. A position that was begun by a version that
 * did not count stays without.
 */
export function movedPositions(
  moved: readonly Omit<PositionDoc, 'docs' | 'totals'>[],
  stored: readonly PositionDoc[],
  gains: Gains,
): readonly PositionDoc[] {
  const before = new Map(stored.map((position) => [position._id, position]));
  return moved.map((position, i) => {
    const known = before.get(position._id);
    const docs = known === undefined ? {} : known.docs;
    const totals = known === undefined ? true : known.totals;
    return { ...position, totals, docs: i === 0 && docs !== undefined ? added(docs, gains) : docs };
  });
}

/** Keeps the gains of a step that moves no position. */
export async function countWithoutMove(
  positions: Collection<PositionDoc>,
  gains: Gains,
  step: string,
  session: ClientSession,
): Promise<void> {
  const $inc = Object.fromEntries(
    Object.entries(gains).flatMap(([view, gain]) => (gain === 0 ? [] : [[`docs.${view}`, gain]])),
  );
  if (Object.keys($inc).length === 0) return;
  await positions.updateOne(
    { _id: NO_MOVE },
    { $inc, $setOnInsert: { next: 0, step, totals: true } },
    { upsert: true, session },
  );
}

export class DocumentCounts {
  readonly #db: Db;
  readonly #generation: number;
  readonly #views: readonly string[];
  /** Of each view: by how much MongoDB's estimate was wrong when the documents were counted. */
  readonly #errors = new Map<string, number>();
  #countAgainAt = 0;
  #counting = false;

  constructor(db: Db, generation: number, views: readonly string[]) {
    this.#db = db;
    this.#generation = generation;
    this.#views = views;
  }

  /** The views that documents seem to be missing of. Cheap, and wrong at times: to be counted then. */
  async suspects(): Promise<readonly string[]> {
    if (this.#counting || performance.now() < this.#countAgainAt) return [];
    // Sums first: while documents are being added, the estimates are the newer ones and the higher ones.
    const sums = sumsOf(await positionsOf(this.#db, this.#generation).find().toArray());
    if (sums === undefined) return [];
    const estimates = await Promise.all(this.#views.map((view) => this.#estimate(view)));
    return this.#views.filter((view, i) => (estimates[i] ?? 0) - (this.#errors.get(view) ?? 0) < (sums[view] ?? 0));
  }

  /**
   * Counts the documents of these views, and says what is missing; undefined: nothing. May take long.
   * @throws when MongoDB does not answer, or cannot show a snapshot
   */
  async missing(views: readonly string[]): Promise<string | undefined> {
    if (this.#counting) return undefined;
    this.#counting = true;
    const begun = performance.now();
    try {
      return await this.#count(views);
    } finally {
      const ended = performance.now();
      this.#countAgainAt = ended + (ended - begun) / SHARE_OF_TIME;
      this.#counting = false;
    }
  }

  async #count(views: readonly string[]): Promise<string | undefined> {
    const estimates = await Promise.all(views.map((view) => this.#estimate(view)));
    const session = this.#db.client.startSession();
    try {
      session.startTransaction({
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
        readPreference: 'primary',
      });
      const sums = sumsOf(await positionsOf(this.#db, this.#generation).find({}, { session }).toArray());
      const missing: string[] = [];
      // One after another: a session takes one operation at a time.
      for (const [i, view] of views.entries()) {
        const limits = { session, maxTimeMS: COUNT_WITHIN_MS };
        const count = await viewOf(this.#db, view, this.#generation).countDocuments({}, limits);
        const sum = sums?.[view] ?? 0;
        if (count < sum) missing.push(`${sum - count} of ${sum} documents of ${view}`);
        this.#errors.set(view, (estimates[i] ?? 0) - count);
      }
      // What a transaction has read is certain once it is committed: until then a fail-over may roll it back.
      await session.commitTransaction();
      return missing.length === 0 ? undefined : missing.join(', ');
    } finally {
      await session.endSession();
    }
  }

  #estimate(view: string): Promise<number> {
    return viewOf(this.#db, view, this.#generation).estimatedDocumentCount();
  }
}

/** Undefined where a position was begun or moved on by a version that did not count. */
function sumsOf(positions: readonly PositionDoc[]): Gains | undefined {
  let sums: Gains = {};
  for (const { docs } of positions) {
    if (docs === undefined) return undefined;
    sums = added(sums, docs);
  }
  return sums;
}
