/** One step of a projector, as one MongoDB transaction: documents and positions together, or nothing of it. */
import { randomUUID } from 'node:crypto';
import type { Collection, Db, MongoClient } from 'mongodb';
import type { Doc, Move, ViewStep } from '../view-store.ts';
import { type MetaDoc, metaOf, positionId, positionsOf } from './collections.ts';
import { countWithoutMove, movedPositions, NO_MOVE } from './document-counts.ts';
import { changeTotals, type Kept, totalsOf } from './kept-totals.ts';
import { MongoStep } from './mongo-step.ts';
import { runStep } from './run-step.ts';

export interface StepTarget {
  readonly client: MongoClient;
  readonly db: Db;
  readonly generation: number;
  /** How long the step is tried, in ms, before `ViewsUnavailable`. */
  readonly timeoutMs: number;
  /** Whether that generation may be written, as the database says now. */
  mayWrite(meta: MetaDoc | null): boolean;
  collection(view: string): Collection<Doc>;
  /** The views whose totals are kept. */
  readonly kept: readonly Kept[];
}

/**
 * `'refused'`: a position was not where the step starts from. `'not live'`: the generation may not be written any more. A
 * step whose commit went unanswered finds out whether it was applied and says so, unless another one has moved the same
 * positions on since; then it says `'refused'`, having been applied.
 * @throws {ViewsUnavailable} when there is no outcome in time; it is then unknown
 */
export async function applyStep(
  { client, db, generation, timeoutMs, mayWrite, collection, kept }: StepTarget,
  moves: readonly Move[],
  run: (tx: ViewStep) => Promise<void>,
): Promise<'applied' | 'refused' | 'not live'> {
  const step = randomUUID();
  const ids = moves.map(({ topic, partition }) => positionId(topic, partition));
  const outcome: { is: 'applied' | 'refused' | 'not live' } = { is: 'refused' };
  await runStep(client, timeoutMs, async (session) => {
    outcome.is = 'refused';
    if (!mayWrite(await metaOf(db).findOne({ _id: 'live' }, { session }))) {
      outcome.is = 'not live';
      return 'abort';
    }
    const positions = positionsOf(db, generation);
    const stored = await positions.find({ _id: { $in: ids } }, { session }).toArray();
    if (moves.length > 0 && stored.length === moves.length && stored.every((position) => position.step === step)) {
      // The commit of an earlier round got through after all.
      outcome.is = 'applied';
      return 'abort';
    }
    const nextOf = new Map(stored.map(({ _id, next }) => [_id, next]));
    if (moves.some((move, i) => (nextOf.get(ids[i] ?? '') ?? 0) !== move.from)) return 'abort';
    const tx = new MongoStep(session, collection, kept);
    await run(tx);
    await tx.flush();
    await changeTotals(totalsOf(db, generation), tx.totals, ids[0] ?? NO_MOVE, session);
    if (moves.length > 0) {
      const moved = moves.map(({ next }, i) => ({ _id: ids[i] ?? '', next, step }));
      const operations = movedPositions(moved, stored, tx.gains).map((replacement) => {
        return { replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true } };
      });
      await positions.bulkWrite(operations, { session });
    } else await countWithoutMove(positions, tx.gains, step, session);
    outcome.is = 'applied';
    return 'commit';
  });
  return outcome.is;
}
