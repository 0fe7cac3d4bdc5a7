/** A view of numbered documents, and one that tells how many there are; filled by steps of one partition. */
import type { Doc, Move, ViewSpec, ViewStore } from '../views/view-store.ts';

export interface Counted extends Doc {
  readonly n: number;
}

export const COUNTED: ViewSpec = {
  name: 'counted',
  indexes: [['n']],
  totals: { by: [], sums: ['n'] },
};

export const PLACE = { topic: 'counted', partition: 0 };

/** Adds the document of this number, in the step from the number before. */
export function count(views: ViewStore, number: number): Promise<'applied' | 'refused'> {
  const move: Move = { ...PLACE, from: number - 1, next: number };
  return views.step([move], async (tx) => {
    const added: Counted = { _id: `n${number}`, n: 1 };
    const last: Counted = { _id: 'last', n: number };
    await tx.put(COUNTED.name, [added]);
    await tx.get(COUNTED.name, ['last']);
    await tx.put(COUNTED.name, [last]);
  });
}
