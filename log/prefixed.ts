/**
 * An event log under a prefix: topics and names get it on their way in and lose it on their way out, so that several
 * systems can share a cluster.
 */
import type { EventLog, LogRecord, PartitionProcess, Running, Step, TopicPartition } from './event-log.ts';
import { LazyRecord } from './lazy-record.ts';

/** `log` itself when the prefix is empty. */
export function prefixed(log: EventLog, prefix: string): EventLog {
  if (prefix === '') return log;
  const on = (name: string) => `${prefix}${name}`;
  const bare = (name: string) => name.slice(prefix.length);
  // Systems that share a cluster are different logs.
  const identified = (identity: string) => `${identity}/${prefix}`;
  const off = <T extends TopicPartition>(place: T): T => ({ ...place, topic: bare(place.topic) });
  const offRecord = (record: LogRecord): LogRecord =>
    record instanceof LazyRecord ? record.under(bare(record.topic)) : off(record);
  const running = (of: Running): Running => ({
    health: () => of.health(),
    partitions: () => of.partitions().map(off),
    caughtUp: () => of.caughtUp(),
    stop: () => of.stop(),
  });
  return {
    append: async (records) => (await log.append(records.map((one) => ({ ...one, topic: on(one.topic) })))).map(off),
    process: async ({ name, input, positions, restore, open, ...rest }) =>
      running(
        await log.process({
          ...rest,
          name: on(name),
          input: on(input),
          positions: on(positions),
          restore: restore.map(on),
          open(partition) {
            const process = open(partition);
            const onAll = (step: Step): Step => ({
              records: step.records.map((one) => ({ ...one, topic: on(one.topic) })),
              committed: (written, ends) =>
                step.committed(written && renamed(written, bare), ends && renamed(ends, bare)),
            });
            return {
              ...restoreFrom(process, on, bare, identified),
              restore: (record) => process.restore(off(record)),
              restored: (position) => process.restored(position)?.map(on),
              settle() {
                const step = process.settle?.();
                return step && onAll(step);
              },
              step: (batch) => onAll(process.step(batch.map(off))),
              close: () => process.close(),
            };
          },
        }),
      ),
    follow: async ({ name, topics, from, onBatch, ...rest }) => {
      const following = await log.follow({
        ...rest,
        name: on(name),
        topics: topics.map(on),
        from: typeof from === 'function' ? (place) => from(off(place)) : from,
        onBatch: (batch) => onBatch({ ...off(batch), records: batch.records.map(offRecord) }),
      });
      return {
        ...running(following),
        reached: (positions) => following.reached(positions.map((place) => ({ ...place, topic: on(place.topic) }))),
      };
    },
    async *read(place, from): AsyncIterable<readonly LogRecord[]> {
      for await (const records of log.read({ ...place, topic: on(place.topic) }, from)) yield records.map(off);
    },
    recordsAt: async (positions) => {
      const records = await log.recordsAt(positions.map((place) => ({ ...place, topic: on(place.topic) })));
      return records.map((record) => record && off(record));
    },
    ends: async (topics) => (await log.ends(topics.map(on))).map(off),
    committed: async ({ name, input, positions }) =>
      (await log.committed({ name: on(name), input: on(input), positions: on(positions) })).map(off),
    identity: async () => identified(await log.identity()),
    missingTopics: async (names) => (await log.missingTopics(names.map(on))).map(bare),
    createTopics: async (specs) =>
      (await log.createTopics(specs.map((spec) => ({ ...spec, name: on(spec.name) })))).map(bare),
    checkTopics: (specs) => log.checkTopics(specs.map((spec) => ({ ...spec, name: on(spec.name) }))),
    close: () => log.close(),
  };
}

type Rename = (topic: string) => string;

function renamed<T>(byTopic: ReadonlyMap<string, T>, rename: Rename): ReadonlyMap<string, T> {
  return new Map([...byTopic].map(([topic, value]) => [rename(topic), value]));
}

function restoreFrom(
  process: PartitionProcess,
  on: Rename,
  bare: Rename,
  identified: (identity: string) => string,
): Pick<PartitionProcess, 'restoreFrom'> {
  const from = process.restoreFrom?.bind(process);
  if (from === undefined) return {};
  return {
    restoreFrom: ({ log, position, ends }) =>
      renamed(from({ log: identified(log), position, ends: renamed(ends, bare) }), on),
  };
}
