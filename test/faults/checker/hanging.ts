/** (j) No transaction left hanging on the broker: none is open, and every partition can be read to its end. */
import type { History } from '../history.ts';

const ENDED = new Set(['Empty', 'CompleteCommit', 'CompleteAbort', 'Dead']);

export function checkHanging({ broker }: History): string[] {
  return [
    ...broker.partitions
      .filter(({ lastStable, highWatermark }) => lastStable !== highWatermark)
      .map(
        ({ topic, partition, lastStable, highWatermark }) =>
          `${topic}/${partition} can be read to ${lastStable} only, and ends at ${highWatermark}`,
      ),
    ...broker.transactions
      .filter(({ state }) => !ENDED.has(state))
      .map(({ transactionalId, state }) => `the transaction of ${transactionalId} is ${state}`),
  ];
}
