/** The same round trip on an event log of ours. */
import { randomUUID } from 'node:crypto';
import type { EventLog } from '../../log/event-log.ts';
import type { Loop } from '../rivals/bare-loop.ts';

export async function openLoop(log: EventLog, partitions: number, value: string): Promise<Loop> {
  const id = `ours-${randomUUID().slice(0, 8)}`;
  const [commands, events, positions] = [`${id}.commands`, `${id}.events`, `${id}.positions`];
  await log.createTopics([
    ...[commands, events].map((name) => ({ name, partitions, retention: 'forever' as const })),
    { name: positions, partitions, retention: 'compact', hot: true },
  ]);
  const processing = await log.process({
    name: `${id}.processor`,
    input: commands,
    positions,
    restore: [],
    open: () => ({
      restore: () => undefined,
      restored: () => undefined,
      close: () => undefined,
      step: (batch) => ({
        records: batch.map(({ partition, key, headers }) => ({
          topic: events,
          partition,
          key: key ?? '',
          value,
          headers,
        })),
        committed: () => undefined,
      }),
    }),
  });
  const waiting = new Map<string, () => void>();
  const following = await log.follow({
    name: `${id}.follower`,
    topics: [events],
    from: 'now',
    onBatch: ({ records }) => {
      for (const { key } of records) waiting.get(key ?? '')?.();
    },
  });
  await Promise.all([processing.caughtUp(), following.caughtUp()]);
  return {
    async roundTrip(name) {
      const seen = new Promise<void>((resolve) => waiting.set(name, resolve));
      const headers = { ce_id: name, ce_type: 'bench', ce_source: '/bench', ce_subject: name };
      await log.append([{ topic: commands, key: name, value, headers }]);
      await seen;
      waiting.delete(name);
    },
    async close() {
      await processing.stop();
      await following.stop();
    },
  };
}
